import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { UsageError } from "@slomo/core";
import { dirname, join } from "@std/path";
import { discover, type DiscoverOptions } from "./discover.ts";

/** Runs `discover()` on a folder of empty files and files with `texts`. Returns paths relative to the folder. */
async function discoverIn(
  files: readonly string[],
  texts: Readonly<Record<string, string>> = {},
  options: DiscoverOptions = { layouts: true },
): Promise<{ sources: string[]; skipped: string[] }> {
  const root = join(await Deno.makeTempDir(), "root"), below = (path: string) => path.slice(root.length + 1);
  try {
    for (const [name, text] of [...files.map((name) => [name, ""] as const), ...Object.entries(texts)]) {
      await Deno.mkdir(dirname(join(root, name)), { recursive: true });
      await Deno.writeTextFile(join(root, name), text);
    }
    const { sources, skipped } = await discover(root, options);
    return {
      sources: sources.map((item) => {
        const paths = item.kind === "video" ? [item.location] : [item.first, item.groundTruth, item.second];
        return `${item.set}: ${item.name}: ${paths.map(below).join(", ")}`;
      }),
      skipped: skipped.map(({ path, why }) => `${below(path)}: ${why}`),
    };
  } finally {
    await Deno.remove(dirname(root), { recursive: true });
  }
}

Deno.test("discover() finds videos and folders of frames, grouped by their parent folder", async () => {
  const { sources, skipped } = await discoverIn([
    ...["a.mp4", "clips/b.mkv", "davis/camel/00000.jpg", "davis/camel/00001.jpg", "davis/camel/00002.jpg"],
    ...["davis/short/1.png", "davis/short/2.png", ".DS_Store", "davis/camel/.hidden.jpg"],
  ]);
  equal(sources, ["root: a.mp4: a.mp4", "clips: clips/b.mkv: clips/b.mkv", "davis: davis/camel: davis/camel"]);
  equal(skipped, ["davis/short: it has 2 of the three images that are needed"]);
});

Deno.test("discover() reads Middlebury's layout, with the ground truth beside the frames or in a separate tree", async () => {
  const { sources, skipped } = await discoverIn([
    ...["mb/Beanbags/frame10.png", "mb/Beanbags/frame11.png", "mb/Beanbags/frame10i11.png"],
    ...["other-data/Urban2/frame09.png", "other-data/Urban2/frame10.png", "other-data/Urban2/frame11.png"],
    ...["other-data/Army/frame10.png", "other-data/Army/frame11.png", "other-gt-interp/Urban2/frame10i11.png"],
  ]);
  const beanbags = ["frame10.png", "frame10i11.png", "frame11.png"].map((name) => `mb/Beanbags/${name}`).join(", ");
  equal(sources, [
    `mb: mb/Beanbags: ${beanbags}`,
    "other-data: other-data/Urban2: " +
    "other-data/Urban2/frame10.png, other-gt-interp/Urban2/frame10i11.png, other-data/Urban2/frame11.png",
  ]);
  equal(skipped, ["other-data/Army: frame10i11.png is missing"]);
});

Deno.test("discover() reads Vimeo-90K's test list and UCF101's triplets", async () => {
  const frames = ["im1.png", "im2.png", "im3.png"];
  const vimeo = await discoverIn(
    frames.flatMap((name) => [`vimeo/sequences/00001/0001/${name}`, `vimeo/sequences/00009/0009/${name}`]),
    { "vimeo/tri_testlist.txt": "00001/0001\r\n00001/0266\n\n" },
  );
  equal(vimeo.sources, ["vimeo: vimeo/sequences/00001/0001: vimeo/sequences/00001/0001".replace("sequences/", "")]);
  equal(vimeo.skipped, ["vimeo/sequences/00001/0266: tri_testlist.txt names it and it is missing"]);
  const ucf = await discoverIn([
    "ucf/1/frame_00.png",
    "ucf/1/frame_01_gt.png",
    "ucf/1/frame_01_ours.png",
    "ucf/1/frame_02.png",
  ]);
  equal(ucf.sources, ["ucf: ucf/1: ucf/1/frame_00.png, ucf/1/frame_01_gt.png, ucf/1/frame_02.png"]);
});

Deno.test("discover() reads every folder as a sequence of frames without `layouts`", async () => {
  const { sources } = await discoverIn(["x/frame10.png", "x/frame11.png", "x/frame10i11.png", "y/1.png"], {}, {
    layouts: false,
  });
  equal(sources, ["root: x: x", "root: y: y"]);
});

Deno.test("discover() refuses a root that does not exist", async () => {
  await rejects(discover("/no/such/place", { layouts: true }), UsageError);
});
