import { deepStrictEqual as equal, match } from "node:assert/strict";
import { BLEND, inRepo, list, task, withFolder } from "../tests/_tools.ts";

/** Starts the page with wrong options, and returns the exit code and the error. */
async function refused(...args: readonly string[]): Promise<readonly [number, string]> {
  const { code, err } = await task("web", [...args, "--port", "0"], { signal: AbortSignal.timeout(30_000) });
  return [code, err];
}

Deno.test("web checks the backend, the device and the weights before it starts", async () => {
  await withFolder(async (folder, at) => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["--backend", "nosuch"], /no backend "nosuch"/],
      [["--device", "banana"], /device "banana"/],
      [["--backend", "cpu", "--device", "banana"], /device/],
      [["--weights", at("missing.safetensors")], /missing\.safetensors: there is no such file/],
      [["--weights", inRepo("models/slomo-ifnet.facts.json")], /slomo-ifnet\.facts\.json/],
    ];
    for (const [options, message] of wrong) {
      const [code, error] = await refused(folder, "--manifest", BLEND, ...options);
      match(error, message);
      equal([code, error.trim().split("\n").length], [2, 1], error);
    }
    equal(await list(folder), []);
  });
});

Deno.test("web refuses a folder that does not exist, and does not create it", async () => {
  await withFolder(async (folder, at) => {
    const [code, error] = await refused("--folder", at("typo"));
    equal([code, error], [
      2,
      `slomo: web: cannot open ${at("typo")}: there is no such folder; set --folder to a folder\n`,
    ]);
    equal(await list(folder), []);
  });
});
