/** Tests TensorFlow and its GPUs in a separate process. */
import { describeTensorflow } from "@slomo/tensorflow";
import { runScript } from "../_cli.ts";

await runScript({
  commands: [],
  run: async (_, { out }) => out(JSON.stringify(await describeTensorflow((name) => Deno.env.get(name)))),
});
