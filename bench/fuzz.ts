/**
 * Damages inputs of every kind that the media handlers read: each must give an output or a one-line error. Exits with 1
 * otherwise. `deno run -A bench/fuzz.ts [KIND...] [--count 500] [--from 0] [--command] [--keep DIR] [--ffmpeg PATH]`. A
 * seed damages the same file in the same way: `--from 137 --count 1` repeats one, `--from 200` continues a stopped run.
 */
import { createToolkit, parseManifest, resolveManifest } from "@slomo/core/manifest";
import { fromFileUrl } from "@std/path";
import { locateFfmpeg } from "../plugins/codecs/ffmpeg/locate.ts";
import { parseOptions } from "../scripts/_options.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { KINDS, makeWholes } from "./fuzz/kinds.ts";
import { byCommand, inProcess } from "./fuzz/try_input.ts";

const { values: options, rest } = parseOptions(Deno.args, {
  count: { kind: "number", min: 1, max: 1e6, value: "N", help: "Inputs of each kind" },
  from: { kind: "number", min: 0, max: 1e9, value: "SEED", help: "The first seed" },
  command: { kind: "switch", help: "Through the command line rather than in this process" },
  keep: { kind: "path", value: "DIR", help: "Where inputs that go wrong are kept" },
  ffmpeg: { kind: "path", value: "PATH", help: "The ffmpeg to use" },
});
const { count = 500, from = 0 } = options;
const unknown = rest.find((kind) => !Object.hasOwn(KINDS, kind));
if (unknown !== undefined) throw new Error(`there is no kind ${unknown}; there are ${Object.keys(KINDS).join(", ")}`);

const blend = new URL("../tests/fixtures/blend.json", import.meta.url);
const manifest = resolveManifest(parseManifest(await Deno.readTextFile(blend), "blend.json"), blend);
const tool = { ffmpeg: options.ffmpeg };
const codecs = await (await createToolkit(manifest)).media({ ffmpeg: tool, images: tool });
const attempt = options.command
  ? byCommand(fromFileUrl(new URL("../scripts/interpolate.ts", import.meta.url)), fromFileUrl(blend))
  : inProcess(codecs);
const wholes = await makeWholes(Object.keys(KINDS), (await locateFfmpeg()).ffmpeg);

let allWrong = 0;
for (const kind of rest.length > 0 ? rest : Object.keys(KINDS)) {
  const begun = performance.now(), tally = { output: 0, refused: 0, wrong: 0 };
  for await (const { seed, how, end, message } of fuzz({ kind, wholes, from, count, attempt, keep: options.keep })) {
    tally[end]++;
    if (end === "wrong") console.error(`${kind}, seed ${seed} (${how}): ${message}`);
  }
  allWrong += tally.wrong;
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(
    `${kind}: ${tally.output} outputs, ${tally.refused} refused with one line, ${tally.wrong} wrong; ${seconds} s`,
  );
}
if (allWrong > 0) Deno.exit(1);
