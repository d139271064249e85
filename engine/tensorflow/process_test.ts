import { deepStrictEqual as equal, match } from "node:assert/strict";
import { dirname, fromFileUrl } from "@std/path";
import { LIBRARY, testOnTensorflow } from "./_testing.ts";

const PROGRAM = fromFileUrl(new URL("./fixtures/program.ts", import.meta.url));
const FOLDER = dirname(LIBRARY.path);

async function run(
  permissions: readonly string[],
  library: string,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, PROGRAM, library, ...words],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, signal, out: text(stdout), error: text(stderr) };
}

testOnTensorflow(
  "tensorflow needs only --allow-ffi for its folder, and the process ends cleanly",
  async () => {
    const { code, signal, out } = await run([`--allow-ffi=${FOLDER}`], LIBRARY.path);
    equal([code, signal, out], [0, null, "5184"]);
  },
);

testOnTensorflow("tensorflow ends cleanly without output, closed or not", async () => {
  for (const words of [[], ["close"]]) {
    const { code, signal, out, error } = await run(["-A"], LIBRARY.path, words);
    equal([code, signal, out, error], [0, null, "5184", ""]);
  }
});

testOnTensorflow("tensorflow runs in workers and the main thread at once", async () => {
  const { code, signal, out } = await run(["-A"], LIBRARY.path, ["workers"]);
  equal([code, signal, out], [0, null, "5184 5184 5184"]);
});

testOnTensorflow(
  "tensorflow computes with oneDNN on x86, unless the user has switched it off",
  async () => {
    const isOn = async (env: Readonly<Record<string, string>>) => {
      const { out } = await run(["-A"], LIBRARY.path, ["close"], { ONEDNN_VERBOSE: "1", ...env });
      match(out, /(^|\n)5184$/);
      // The convolution of the program has 4 input and 4 output channels.
      return /exec,cpu,convolution,.*_ic4oc4_/.test(out);
    };
    equal(await isOn({}), Deno.build.arch === "x86_64");
    equal(await isOn({ TF_ENABLE_ONEDNN_OPTS: "0" }), false);
  },
);

testOnTensorflow("tensorflow reports the missing permission", async () => {
  const { code, error } = await run(["--allow-ffi=/nowhere"], LIBRARY.path);
  equal(code, 1);
  match(error, /UsageError: tensorflow: cannot load .*: permission is denied; allow FFI for its folder/);
});
