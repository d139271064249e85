import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { UsageError } from "../../../core/errors.ts";
import { chooseValidation, findSources } from "./layouts.ts";

const find = (paths: string[], lists: Record<string, string> = {}) =>
  findSources([...paths, ...Object.keys(lists)], (path) => Promise.resolve(lists[path]!));

const images = (folder: string, ...names: string[]) => names.map((name) => `${folder}/${name}`);

Deno.test("findSources() finds each video and each folder of images, and skips hidden ones", async () => {
  const { found, skipped } = await find([
    "b.MOV",
    "720p_240fps_1.mov",
    ...images("c/frames", "0.png", "1.png", ".DS_Store", "Thumbs.db"),
    "._b.mov",
    "__MACOSX/b.mov",
    "notes.txt",
  ]);
  equal(found.map(({ name }) => name), ["720p_240fps_1.mov", "b.MOV", "c/frames"]);
  equal(found.map(({ group }) => group), ["720p_240fps_1.mov", "b.MOV", "c/frames"]);
  equal(skipped, []);
});

Deno.test("findSources() reads Vimeo-90K's triplets and septuplets by their lists", async () => {
  for (
    const [kind, shortest, names] of [["tri", 3, ["im1.png", "im3.png"]], ["sep", 7, ["im1.png", "im7.png"]]] as const
  ) {
    const { found, skipped } = await find(
      ["00001/0001", "00001/0002", "00001/0003"].flatMap((clip) => images(`vimeo/sequences/${clip}`, ...names)),
      { [`vimeo/${kind}_trainlist.txt`]: "00001/0001\n", [`vimeo/${kind}_testlist.txt`]: "00001/0002\r\n\n" },
    );
    equal(found, [
      { name: "vimeo/sequences/00001/0001", group: "00001/0001", split: "train", shortest },
      { name: "vimeo/sequences/00001/0002", group: "00001/0002", split: "validation", shortest },
    ]);
    equal(skipped.map(({ what }) => what), ["vimeo/sequences/00001/0003"]);
  }
});

Deno.test("findSources() names entries of lists that have no folder", async () => {
  const missing = Array.from({ length: 7 }, (_, i) => `00002/000${i + 1}`);
  const { found, skipped } = await find(images("sequences/00001/0001", "im1.png", "im3.png"), {
    "tri_trainlist.txt": ["00001/0001", ...missing].join("\n"),
    "tri_testlist.txt": "00003/0001",
  });
  equal(found.length, 1);
  equal(skipped, [
    { what: "tri_testlist.txt", why: "1 of its 1 entries have no folder: 00003/0001" },
    {
      what: "tri_trainlist.txt",
      why: "7 of its 8 entries have no folder: 00002/0001, 00002/0002, 00002/0003, 00002/0004, 00002/0005 and 2 more",
    },
  ]);
});

Deno.test("findSources() reads X4K1000FPS, encoded or not, by its folders, and skips the test set", async () => {
  const { found, skipped } = await find([
    "train/002/occ008.320/0000.png",
    "encoded_train/003/occ000.000.mp4",
    "val/Type1/TEST01_003_f0433/0000.png",
    "test/Type1/TEST02_000_f0000/0000.png",
  ]);
  equal(found, [
    { name: "encoded_train/003/occ000.000.mp4", group: "encoded_train/003", split: "train", rate: "1000" },
    { name: "train/002/occ008.320", group: "train/002", split: "train", rate: "1000" },
    { name: "val/Type1/TEST01_003_f0433", group: "val/Type1", split: "validation", rate: "1000" },
  ]);
  equal(skipped.map(({ what }) => what), ["test/Type1/TEST02_000_f0000"]);
});

Deno.test("findSources() reads UCF101 and keeps clips of one video together", async () => {
  const { found } = await find(["UCF-101/Archery/v_Archery_g01_c01.avi", "UCF-101/Archery/v_Archery_g01_c02.avi"]);
  equal(new Set(found.map(({ group }) => group)), new Set(["UCF-101/Archery/v_Archery_g01"]));
});

Deno.test("findSources() reads DAVIS at 480p, without masks, by its lists", async () => {
  const { found, skipped } = await find(
    [
      "DAVIS/JPEGImages/480p/bear/00000.jpg",
      "DAVIS/JPEGImages/480p/camel/00000.jpg",
      "DAVIS/JPEGImages/1080p/bear/00000.jpg",
      "DAVIS/Annotations/480p/bear/00000.png",
    ],
    { "DAVIS/ImageSets/2016/train.txt": "bear", "DAVIS/ImageSets/2016/val.txt": "camel" },
  );
  equal(found.map(({ name, split, rate }) => [name, split, rate]), [
    ["DAVIS/JPEGImages/480p/bear", "train", "24"],
    ["DAVIS/JPEGImages/480p/camel", "validation", "24"],
  ]);
  equal(skipped.length, 2);
});

Deno.test("findSources() refers to `evaluate` for test sets of triplets", async () => {
  const { found, skipped } = await find(["ucf/1/frame_00.png", "ucf/1/frame_01_gt.png", "ucf/1/frame_02.png", "a.mp4"]);
  equal(found.map(({ name }) => name), ["a.mp4"]);
  equal(skipped.map(({ what }) => what), ["ucf/1"]);
});

Deno.test("findSources() rejects a folder without videos", async () => {
  await rejects(() => find(["notes.txt", ".DS_Store"]), UsageError);
});

const groups = (count: number) => Array.from({ length: count }, (_, i) => ({ group: `video ${i}` }));

Deno.test("chooseValidation() chooses a share of the groups, the same in any order", () => {
  const chosen = chooseValidation(groups(40), 0.25);
  equal(chosen.size, 10);
  equal(chosen, new Set(chooseValidation(groups(40).reverse(), 0.25)));
});

Deno.test("chooseValidation() keeps at least one group for training and one for validation", () => {
  equal(chooseValidation(groups(1), 0.5).size, 0);
  equal(chooseValidation(groups(2), 0.01).size, 1);
  equal(chooseValidation(groups(2), 0.9).size, 1);
  equal(chooseValidation(groups(9), 0).size, 0);
});

Deno.test("chooseValidation() follows the data set's lists", () => {
  const listed = [{ group: "a", split: "train" as const }, { group: "b", split: "validation" as const }];
  equal(chooseValidation(listed, 0.5), new Set(["b"]));
});
