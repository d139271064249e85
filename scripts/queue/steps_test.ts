import { deepStrictEqual as equal } from "node:assert/strict";
import { join, make, X264 } from "../../tests/_segments.ts";
import { ffmpeg, inRepo, withFolder } from "../../tests/_tools.ts";
import { parseInterpolate, type Target } from "../interpolate/options.ts";
import { queueCommand } from "./command.ts";
import { openSteps } from "./steps.ts";

Deno.test("the task segments makes the rest of a video that a worker has planned", async () => {
  await withFolder(async (folder, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=48x32:r=10:d=2", ...X264, at("in.mp4"));
    const submitted = parseInterpolate([at("in.mp4"), at("out.mp4"), "--factor", "3"]);
    const command = queueCommand(submitted.videos as Target, submitted), { signal } = new AbortController();
    const own = { manifest: inRepo("tests/fixtures/long_segments.json"), backend: "cpu", workers: 0 };
    await using steps = await openSteps({ own, roots: [folder], note: () => {} });
    const planned = await steps.plan("v1", command, { signal });
    const { segments } = planned as { segments: number };
    await steps.make("v1", command, 0, { signal });
    const made = await make(at("out.mp4"), `0-${segments - 1}`);
    equal(made.code, 0, made.err);
    const joined = await join(at("out.mp4"));
    equal(joined.code, 0, joined.err);
  });
});
