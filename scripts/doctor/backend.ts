/** Tests one backend in a separate process, `backend.ts NAME`, because a broken driver may crash it. */
import { BACKENDS } from "@slomo/slomo/backends";
import { inspectBackend } from "@slomo/engine";
import { runScript } from "../_cli.ts";

await runScript({
  commands: [],
  run: async ([name], { out }) => {
    const backend = BACKENDS.find((candidate) => candidate.name === name);
    if (backend) out(JSON.stringify(await inspectBackend(backend)));
  },
});
