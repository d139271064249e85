import { deepStrictEqual as equal, rejects, throws } from "node:assert/strict";
import { resolve } from "@std/path";
import { parseInterpolate, type Target } from "../interpolate/options.ts";
import { readCommand, storeCommand } from "./command.ts";
import { segmentNumbers } from "./options.ts";

const { signal } = new AbortController();

/** Stores the command of a command line, and reads it again. */
function again(...args: readonly string[]) {
  const command = parseInterpolate(args), folder = resolve("/videos/out.mp4.segments");
  const stored = JSON.parse(JSON.stringify(storeCommand(folder, command.videos as Target, command)));
  return { command, stored, read: readCommand(folder, stored) };
}

Deno.test("a stored command has the options of the command line, exactly", () => {
  for (
    const args of [
      "--fps 59.94 --start 1:02:03.0625 --end 1:10:00 --loop --no-cuts",
      "--factor 5/2 --slow-motion --cut-threshold 12.5 --keep-still --duplicates keep --deinterlace",
      "--slow 0.5-1:00.25=4 --slow 2:00-2:10=0.5 --ease 0.125 --fps 60 --shutter 180",
      "--audio drop --codec libx265 --crf 0 --pix-fmt yuv420p10le --overwrite",
      "--model fast --backend onnx --device cuda --precision float16 --tile 0 --overlap 64 --flow-scale 0.5 --input-fps 12",
    ]
  ) {
    const { command, read } = again("/videos/in.mp4", "/videos/out.mp4", ...args.split(" "));
    equal({ ...read.options, help: false }, command.options, args);
    equal(read.videos, { input: resolve("/videos/in.mp4"), output: resolve("/videos/out.mp4") });
  }
});

Deno.test("a stored command has no options of the machine, and those of a preset", () => {
  const { stored } = again(
    "/videos/in.mp4",
    "/videos/out.mp4",
    "--preset",
    "film",
    "--workers",
    "3",
    "--ffmpeg",
    "/x",
    "--quiet",
  );
  equal(stored, { input: "../in.mp4", output: "../out.mp4", options: { duplicates: "fill", deinterlace: true } });
});

Deno.test("a stored command in an object storage has locations that every machine understands", () => {
  const folder = "s3://videos/out.mp4.segments", command = parseInterpolate(["in.mp4", "s3://videos/out.mp4"]);
  const stored = storeCommand(folder, command.videos as Target, command);
  equal([stored.input, stored.output], [resolve("in.mp4"), "s3://videos/out.mp4"]);
  equal(readCommand(folder, stored).videos, { input: resolve("in.mp4"), output: "s3://videos/out.mp4" });
});

Deno.test("readCommand() gives precedence to options of this process", () => {
  const { stored } = again("/videos/in.mp4", "/videos/out.mp4", "--device", "cuda");
  equal(readCommand("/a", stored, { device: "cpu", workers: 2, model: undefined }).options.device, "cpu");
});

Deno.test("readCommand() refuses unknown options, wrong values, and other content", () => {
  const refuses = (options: unknown, message: RegExp) =>
    throws(() => readCommand("/a", { input: "i.mp4", output: "o.mp4", options }), { name: "UsageError", message });
  refuses({ ffmpeg: "/evil" }, /the option "ffmpeg" is unknown or has a wrong value/);
  refuses({ allowPlugins: true }, /"allowPlugins" is unknown/);
  refuses({ toString: "x" }, /"toString" is unknown/);
  refuses({ crf: "99" }, /`crf` must be a number from 0 to 63/);
  refuses({ crf: false }, /"crf" is unknown or has a wrong value/);
  refuses({ loop: "yes" }, /"loop" is unknown or has a wrong value/);
  refuses({ crf: 3 }, /cannot read its command/);
  throws(() => readCommand("/a", undefined), /cannot read its command: it was not planned by the task segments/);
});

Deno.test("segmentNumbers() reads numbers and ranges, from arguments or from standard input", async () => {
  const read = (texts: readonly string[], ...input: readonly string[]) =>
    Array.fromAsync(
      segmentNumbers(texts, { input: new Response(input.join("")).body!, signal, work: "segments to make" }),
    );
  equal(await read(["3", "0-2", "7-7"]), [3, 0, 1, 2, 7]);
  equal(await read(["-"], "3\n0-", "2\n7"), [3, 0, 1, 2, 7]);
  equal(await read(["-"]), []);
  for (const wrong of ["x", "-1", "2-1", "1-", "1.5", "0-99999999"]) await rejects(read([wrong]), /got/);
  await rejects(read(["-"], "x\n"), /got "x"/);
  await rejects(read([]), /give the numbers/);
});
