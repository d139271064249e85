import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { testUnless } from "../../../tests/_unless.ts";

/** Describes a Vulkan driver with the features that Dawn needs. Of software drivers, Mesa 25 has them, and float16 too. */
const DRIVER = Deno.env.get("SLOMO_TEST_VULKAN");

testUnless(
  DRIVER ? undefined : "SLOMO_TEST_VULKAN names no Vulkan driver",
  "onnxruntime's WebGPU provider interpolates as its CPU does, and prints nothing",
  async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", new URL("../fixtures/webgpu_program.ts", import.meta.url).href],
      env: { VK_ICD_FILENAMES: DRIVER! },
    }).output();
    equal([code, new TextDecoder().decode(stderr)], [0, ""]);
    const { convolutions, float32, float16 } = JSON.parse(new TextDecoder().decode(stdout));
    equal(Object.keys(convolutions), ["3", "6"]);
    for (const [, adapted] of Object.values<[number, number]>(convolutions)) ok(adapted < 1e-4, `${adapted}`);
    ok(convolutions[6][0] > 1, "onnxruntime computes 6 channels correctly now: remove padChannels()");
    ok(float32.largest < 1e-3, JSON.stringify(float32));
    if (typeof float16 === "string") {
      ok(/does not work in float16 .*; choose another `device`, or leave out `precision`$/.test(float16), float16);
    } else ok(float16.largest > 0 && float16.largest < 0.02 && float16.mean < 1e-3, JSON.stringify(float16));
  },
);
