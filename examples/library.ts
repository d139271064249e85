import { openSlomo } from "@slomo/slomo";

// Opens the shipped model; networks run in workers, on the fastest backend that works here.
await using slomo = await openSlomo();
const [input = "examples/clip.mp4", output] = Deno.args;

// From file to file, with audio, subtitles and color, as the command line does it.
if (output !== undefined) await slomo.convert(input, output, { factor: 4, slowMotion: true });

// Frame by frame, from a video or from pixels that you have.
for await (const frame of slomo.frames(input, { factor: 4, end: 1 / 8 })) {
  const { width, height } = frame.toRgba();
  console.log(`${frame.time.toFixed(3)} s: ${width}×${height}, t = ${frame.t ?? 0}`);
}
