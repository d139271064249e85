/** Looks closely at TensorFlow, its cards first, in a process of its own. */
import { describeTensorflow } from "@slomo/tensorflow";
import { runScript } from "../_cli.ts";

await runScript({
  commands: [],
  run: async (_, { out }) => out(JSON.stringify(await describeTensorflow((name) => Deno.env.get(name)))),
});
