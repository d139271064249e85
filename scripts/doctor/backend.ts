/** Tries one backend in a process of its own, `backend.ts NAME`: a driver that crashes takes only this one along. */
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
