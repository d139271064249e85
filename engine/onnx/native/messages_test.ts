import { deepStrictEqual as equal } from "node:assert/strict";
import { withoutNativeLines } from "./messages.ts";

Deno.test("withoutNativeLines() drops the lines of Dawn, Mesa and Wayland, and keeps all others", () => {
  const dawn = "Warning: Vulkan shaderUniform*ArrayDynamicIndexing required.\n" +
    " - While initializing adapter (backend=BackendType::Vulkan)\n" +
    "    at InitializeImpl (/build/dawn-src/src/dawn/native/vulkan/PhysicalDeviceVk.cpp:253)\n\n";
  const wayland = "error: XDG_RUNTIME_DIR is invalid or not set in the environment.\n";
  const mesa = "MESA-INTEL: warning: Performance support disabled\n", own = "slomo: Warning: is a word\n\n12 %";
  equal(withoutNativeLines(`${wayland}${dawn}slomo: one\n${mesa}${own}`), `slomo: one\n${own}`);
  equal(withoutNativeLines(""), "");
});

Deno.test({
  name: "withoutNativeMessages() filters what native code and other threads write, and restores standard error",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const script = `
      import { withoutNativeMessages } from ${JSON.stringify(import.meta.resolve("./messages.ts"))};
      import { withLibc } from ${JSON.stringify(import.meta.resolve("./libc.ts"))};
      const native = (text) => withLibc(({ write }) => write(2, new TextEncoder().encode(text), BigInt(text.length)));
      console.error("before");
      const result = await withoutNativeMessages(async () => {
        native("Warning: maxLimit artificially reduced\\n");
        console.error("x".repeat(200_000));
        return await Promise.resolve("result");
      });
      await withoutNativeMessages(() => Promise.reject(new Error("failed"))).catch((error) => console.error(error.message));
      native("Warning: after\\n");
      console.error(result);`;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-read", "--allow-ffi", `data:text/typescript,${encodeURIComponent(script)}`],
    }).output();
    const lines = new TextDecoder().decode(stderr).split("\n");
    equal([code, lines], [0, ["before", "x".repeat(200_000), "failed", "Warning: after", "result", ""]]);
  },
});
