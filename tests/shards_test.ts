/** Videos that are scanned in shards have the plan of one pass, whatever fails in between. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { join, make, plan, shuffled, single, X264 } from "./_segments.ts";
import { ffmpeg, list, task, withFolder } from "./_tools.ts";

const scan = (output: string, ...numbers: readonly (number | string)[]) =>
  task("segments", ["scan", `${output}.segments`, ...numbers.map(String)]);

const merge = (output: string) => task("segments", ["merge", `${output}.segments`]);

/** Returns the files of a plan: all but the name of the folder of its tasks. */
async function planOf(output: string): Promise<string[]> {
  const folder = `${output}.segments`, text = await Deno.readTextFile(`${folder}/plan.json`);
  const { tasks } = JSON.parse(text) as { tasks: string };
  equal(await list(folder), ["plan.json", tasks]);
  const names = await list(`${folder}/${tasks}`);
  const files = names.map(async (name) => `${name} ${await Deno.readTextFile(`${folder}/${tasks}/${name}`)}`);
  return [text.replace(tasks, "tasks"), ...await Promise.all(files)];
}

/** Cuts at 2.5, 5 and 7.5 s, which are borders of four shards of 10 s, and close to them; and duplicates before and after. */
const CONTENT = "negate=enable='between(t,2.45,4.99)+between(t,7.5,7.6)',hflip=enable='gte(t,5)',fps=5,fps=12," +
  "loop=loop=30:size=1:start=66";
const lavfi = (source: string) => ["-f", "lavfi", "-i", source];

Deno.test("a plan in shards is that of one pass", async (t) => {
  await withFolder(async (_, at) => {
    const source = lavfi(`testsrc2=s=64x36:r=12:d=10,${CONTENT}`), clock = "setpts='if(lt(N,70),N/12,6+(N-70)/7)/TB'";
    const variable = ["-vf", clock, "-fps_mode", "vfr", "-enc_time_base", "1:90000"];
    const fields = "testsrc2=s=64x64:r=24:d=8,scroll=h=0.03,tinterlace=interleave_top,setfield=tff";
    const interlaced = ["-flags", "+ilme+ildct", "-c:v", "libx264", "-x264-params", "interlaced=1:tff=1"];
    const mpeg2 = ["-c:v", "mpeg2video", "-g", "12", "-bf", "2", "-q:v", "3"];
    const cases: [name: string, source: readonly string[], args: string][] = [
      ["cuts.mp4", [...source, ...X264], "--factor 3"],
      ["part.mkv", [...source, ...X264, "-r", "24000/1001"], "--fps 60 --start 1.3 --end 8.1 --keep-still"],
      ["vfr.mp4", [...source, ...variable, ...X264], "--factor 5/2 --duplicates keep"],
      ["late.mp4", ["-itsoffset", "0.517", ...source, "-fps_mode", "passthrough", ...X264], "--slow 2-4=3"],
      ["fields.mp4", [...lavfi(fields), ...interlaced, "-pix_fmt", "yuv420p"], "--deinterlace --loop"],
      ["open.ts", [...source, "-r", "25", ...mpeg2], "--no-cuts"],
    ];
    for (const [name, made, args] of cases) {
      await t.step(`${name} ${args}`, async () => {
        await ffmpeg(...made, at(name));
        for (const folder of ["one", "shards"]) await Deno.mkdir(at(`${folder}-${name}`));
        const one = at(`one-${name}/o.mp4`), shards = at(`shards-${name}/o.mp4`), options = args.split(" ");
        const expected = await plan(at(name), one, ...options);
        equal(expected.code, 0, expected.err);
        const split = await plan(at(name), shards, ...options, "--shards", "4");
        equal([split.code, split.out.trim()], [0, "4"], split.err);
        const scanned = await scan(shards, ...shuffled(4));
        equal(scanned.code, 0, scanned.err);
        const merged = await merge(shards);
        equal([merged.code, merged.out], [0, expected.out], merged.err);
        equal(await planOf(shards), await planOf(one));
        if (name !== "open.ts") ok(!/in one pass/.test(merged.err), merged.err);
      });
    }
  });
});

Deno.test("every step of shards can be repeated, and reports what is missing or has changed, in one line", async () => {
  await withFolder(async (_, at) => {
    const source = at("in.mp4"), output = at("o.mp4"), folder = `${output}.segments`;
    await ffmpeg(...lavfi("testsrc2=s=64x36:r=12:d=2"), ...X264, source);
    const refused = async (ended: ReturnType<typeof task>, code: number, message: RegExp) => {
      const { code: actual, err } = await ended, lines = err.trim().split("\n").filter((line) => /^slomo: /.test(line));
      equal([actual, lines.length], [code, 1], err);
      match(lines[0]!, message);
    };
    await refused(scan(output, 0), 2, /has no plan of segments/);
    const split = (...args: readonly string[]) => plan(source, output, "--shards", ...args);
    equal((await split("3")).code, 0);
    await refused(scan(output, 3), 2, /has no shard 3: shards are 0 to 2$/);
    await refused(scan(output), 2, /give the numbers of the shards to scan/);
    await refused(make(output, 0), 2, /has no plan; plan the segments first/);
    equal((await scan(output, "1")).code, 0);
    match((await scan(output, 1)).err, /shard 1: was scanned before/);
    await refused(merge(output), 1, /cannot merge its shards: 2 of 3 are missing: 0, 2; scan them first/);
    match((await split("3")).err, /3 shards, 2 of them to scan/);
    // A process that was killed has left this file.
    const [results] = (await list(folder)).filter((name) => name.startsWith("shards-"));
    await Deno.writeTextFile(`${folder}/${results}/000000.json.1234abcd.partial`, "{");
    await Deno.utime(source, new Date(0), new Date(0));
    await refused(scan(output, 0), 2, /these differ from those that the segments were planned with: the input/);
    await refused(merge(output), 2, /these differ from those that the segments were planned with: the input/);
    match((await split("2")).err, /2 shards, 2 of them to scan/);
    equal((await scan(output, "0-1")).code, 0);
    const merged = await merge(output);
    equal(merged.code, 0, merged.err);
    equal([(await merge(output)).out, (await split("2")).out], [merged.out, "2\n"]);
    match((await scan(output, 0)).err, /shard 0: was scanned before/);
    equal((await list(folder)).filter((name) => name.startsWith("shards")), []);
    equal((await single(source, at("whole.mp4"))).code, 0);
    equal((await make(output, `0-${Number(merged.out) - 1}`)).code, 0);
    equal((await join(output)).code, 0);
    equal(await Deno.readFile(output), await Deno.readFile(at("whole.mp4")));

    await Deno.writeTextFile(
      at("back.json"),
      '{ "position": [{ "output": 0, "source": 2 }, { "output": 2, "source": 0 }] }',
    );
    const curve = ["--retime", at("back.json"), "--fps", "12"];
    await refused(plan(source, at("p.mp4"), "--shards", "2", ...curve), 2, /--shards cannot be combined with --retime/);
    await refused(plan(source, at("p.mp4"), "--shards", "2", "--shutter", "180", "--fps", "9"), 2, /--shutter needs/);
  });
});

Deno.test("a source whose frames cannot be read independently is planned in one pass, with a note", async () => {
  await withFolder(async (_, at) => {
    await ffmpeg(...lavfi("testsrc2=s=64x36:r=12:d=12"), "-c:v", "mpeg4", "-q:v", "3", at("in.avi"));
    const bytes = await Deno.readFile(at("in.avi"));
    // Frames in the middle are damaged.
    bytes.fill(0x55, bytes.length * 0.55, bytes.length * 0.6);
    await Deno.writeFile(at("in.avi"), bytes);
    const expected = await plan(at("in.avi"), at("one.mp4"));
    equal((await plan(at("in.avi"), at("o.mp4"), "--shards", "3")).code, 0);
    const scanned = await scan(at("o.mp4"), "0-2");
    equal(scanned.code, 0, scanned.err);
    const merged = await merge(at("o.mp4"));
    equal([merged.code, merged.out], [0, expected.out], merged.err);
    match(merged.err, /it is damaged, or its parts cannot be read independently; planning in one pass/);
    const damaged = /warning: .*the file is damaged/;
    match(expected.err, damaged);
    match(merged.err, damaged);
  });
});
