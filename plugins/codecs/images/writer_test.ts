import { type FrameWriter, type Image, JobError, UsageError, type WriteOptions } from "@slomo/core";
import { rational } from "@slomo/core/time";
import { join } from "@std/path";
import assert from "node:assert/strict";
import { flat, imagesMedia, inFolder, list, noise, read, write } from "./_testing.ts";

const codec = imagesMedia();

function optionsFor(location: string, image: Image, options: Partial<WriteOptions> = {}): WriteOptions {
  const plain = { sampleAspect: rational(1), rotation: 0, overwrite: false } as const;
  return { location, image, timebase: rational(1, 25), ...plain, ...options };
}

async function refused(location: string, options: Partial<WriteOptions>, message: RegExp, image = flat(4, 4, 0)) {
  await assert.rejects(codec.sink.plan(optionsFor(location, image, options)), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("images creates missing parent folders, and leaves no other files", async () => {
  await inFolder(async (folder) => {
    await write(codec, join(folder, "a", "b"), [flat(4, 4, 1), flat(4, 4, 2)]);
    assert.deepEqual(list(folder), ["a"]);
    assert.deepEqual(list(join(folder, "a")), ["b"]);
    assert.deepEqual(list(join(folder, "a", "b")), ["00001.png", "00002.png"]);
  });
});

Deno.test("images rejects a folder with files without `overwrite`, and replaces only its own names with it", async () => {
  await inFolder(async (parent) => {
    const folder = join(parent, "out");
    await write(codec, folder, [1, 2, 3].map((level) => flat(4, 4, level)));
    for (const name of ["00000.png", "notes.txt", "1.png", "00009.jpg"]) {
      await Deno.writeTextFile(join(folder, name), "x");
    }
    await refused(
      folder,
      {},
      /out already contains .+; name an empty folder, or set `overwrite` to replace its images$/,
    );
    await write(codec, folder, [7, 8].map((level) => flat(4, 4, level)), { overwrite: true });
    assert.deepEqual(list(folder), ["00001.png", "00002.png", "00009.jpg", "1.png", "notes.txt"]);
    const { frames } = await read(codec, join(folder, "%05d.png"));
    assert.deepEqual(frames.map(({ image }) => image.planes[0]![0]), [7, 8]);
    assert.deepEqual(list(parent), ["out"]);
  });
});

Deno.test("images writes by a pattern beside other files, unless files match the pattern", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "notes.txt"), "x");
    const place = join(folder, "f_%02d.png");
    await write(codec, place, [flat(4, 4, 1)]);
    assert.deepEqual(list(folder), ["f_01.png", "notes.txt"]);
    await refused(place, {}, /already contains f_01.png/);
  });
});

Deno.test("images rejects a file instead of the folder, and unknown extensions, encoders and pixel formats", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    await refused(join(folder, "file", "%d.png"), {}, /file is a file, not a folder$/);
    await refused(join(folder, "n".repeat(300)), {}, /n+: cannot write images: File name too long$/);
    if (Deno.build.os === "linux") {
      await refused("/proc/%d.png", {}, /\/proc\/%d\.png: cannot create files in \/proc: /);
    }
    await refused(join(folder, "%d.dpx"), {}, /cannot write \.dpx images; use png, jpg/);
    await refused(join(folder, "new"), { encoder: "libx264" }, /cannot write images with `encoder` libx264/);
    await refused(join(folder, "%d.png"), { encoder: "mjpeg" }, /cannot write \.png files with `encoder` mjpeg/);
    await refused(
      join(folder, "%d.png"),
      { pixelFormat: "nonsense" },
      /cannot write images with `pixelFormat` nonsense: it is unknown/,
    );
    await refused(join(folder, "%d.webp"), {}, /cannot encode 20000×4 bgra with libwebp: /, flat(20000, 4, 0));
  });
});

Deno.test("images never replaces the images that it reads, not even with `overwrite`", async () => {
  await inFolder(async (parent) => {
    const folder = join(parent, "seq");
    await write(codec, folder, [flat(4, 4, 1), flat(4, 4, 2)]);
    const { reader: source } = await read(codec, folder);
    const copy = { source, audio: "keep", slowdown: rational(1) } as const;
    for (const location of [folder, `${folder}/`, join(folder, "..", "seq"), join(folder, "%05d.png")]) {
      const options = optionsFor(location, flat(4, 4, 0), { copy, overwrite: true });
      await assert.rejects(codec.sink.plan(options), /contains the source, and 00001\.png in it would be replaced/);
    }
    await codec.sink.plan(optionsFor(join(folder, "made_%05d.png"), flat(4, 4, 0), { copy }));
  });
});

Deno.test("images reports the properties that a format cannot keep", async () => {
  await inFolder(async (folder) => {
    const image = noise(4, 4, { depth: 16, alpha: true });
    const plan = (ending: string, options: Partial<WriteOptions> = {}) =>
      codec.sink.plan(optionsFor(join(folder, `%d.${ending}`), image, options));
    assert.deepEqual((await plan("png")).dropped, []);
    assert.deepEqual((await plan("jpg")).dropped, [
      { what: "alpha", why: "jpg does not support it" },
      { what: "16 bit", why: "jpg supports 8 bits per sample" },
    ]);
    const { reader: source, info } = await (async () => {
      await write(codec, join(folder, "in"), [flat(4, 4, 1)]);
      return await read(codec, join(folder, "in"));
    })();
    const streams = [...info.streams, { index: 1, kind: "audio", codec: "aac" } as const];
    const copy = {
      source: { ...source, info: { ...info, streams, chapters: 2 } },
      audio: "keep",
      slowdown: rational(1),
    } as const;
    const why = "image files contain images only";
    const { dropped, notes, holdsLast } = await plan("png", { copy, crf: 18 });
    assert.deepEqual(dropped, [{ what: "audio stream 1 (aac)", why }, { what: "2 chapters", why }]);
    assert.deepEqual(notes, ["image files ignore `crf`, which is for video encoders"]);
    assert.equal(holdsLast, false);
  });
});

Deno.test("images converts YUV to PNG by the equations of the standards, and 10 bits to 16", async () => {
  await inFolder(async (folder) => {
    const yuv = (depth: 8 | 10, codes: number[], color: Image["color"]): Image => ({
      width: 2,
      height: 2,
      format: { model: "yuv", depth, chroma: [2, 2], alpha: false },
      color,
      planes: codes.map((code, i) => (depth === 8 ? new Uint8Array(i ? 1 : 4) : new Uint16Array(i ? 1 : 4)).fill(code)),
    });
    const red = async (name: string, image: Image) => {
      await write(codec, join(folder, name), [image]);
      return (await read(codec, join(folder, name))).frames[0]!.image.planes.map((plane) => plane[0]);
    };
    assert.deepEqual(await red("a", yuv(8, [81, 108, 157], { matrix: "bt709", range: "limited" })), [128, 64, 33]);
    assert.deepEqual(await red("b", yuv(10, [940, 512, 512], { matrix: "bt2020nc" })), [65535, 65535, 65535]);
    assert.deepEqual(await red("c", yuv(10, [502, 512, 512], { matrix: "bt2020nc" })), [32768, 32768, 32768]);
  });
});

Deno.test("images writes a rotated video upright", async () => {
  await inFolder(async (folder) => {
    const image = flat(6, 4, 0);
    image.planes[0]![0] = 255;
    const corners = { 0: [0, 0], 90: [3, 0], 180: [5, 3], 270: [0, 5] } as const;
    for (const rotation of [0, 90, 180, 270] as const) {
      await write(codec, join(folder, `${rotation}`), [image], { rotation });
      const { frames: [frame] } = await read(codec, join(folder, `${rotation}`));
      const { width, height, planes } = frame!.image, [x, y] = corners[rotation];
      assert.deepEqual([width, height], rotation % 180 ? [4, 6] : [6, 4]);
      assert.equal(planes[0]!.indexOf(255), y * width + x);
    }
  });
});

Deno.test("images keeps the sample aspect ratio", async () => {
  await inFolder(async (folder) => {
    await write(codec, folder, [flat(4, 4, 1)], { sampleAspect: rational(4, 3) });
    assert.deepEqual((await codec.source.open(folder)).info.video.sampleAspect, rational(4, 3));
  });
});

async function begin(location: string, options: Partial<WriteOptions> = {}): Promise<FrameWriter> {
  const all = optionsFor(location, flat(4, 4, 0), options);
  const writer = await (await codec.sink.plan(all)).open({ signal: options.signal });
  await writer.write({ pts: 0n, timebase: rational(1, 25), image: flat(4, 4, 1), facts: {} });
  return writer;
}

Deno.test("images leaves no files when it is aborted, and keeps the old ones", async () => {
  await inFolder(async (parent) => {
    const folder = join(parent, "out");
    await (await begin(folder)).abort();
    assert.deepEqual(list(parent), []);
    await write(codec, folder, [flat(4, 4, 9)]);
    const controller = new AbortController();
    const writer = await begin(folder, { overwrite: true, signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(writer.finish(), /enough/);
    await writer.abort();
    assert.deepEqual([list(parent), list(folder)], [["out"], ["00001.png"]]);
    assert.equal((await read(codec, folder)).frames[0]!.image.planes[0]![0], 9);
  });
});

Deno.test("images reports where the files are if they cannot be renamed", async () => {
  await inFolder(async (parent) => {
    const folder = join(parent, "out"), writer = await begin(folder);
    await Deno.writeTextFile(folder, "in the way");
    await assert.rejects(writer.finish(), (error) => {
      assert.ok(error instanceof JobError);
      const kept = /out: cannot move the images: .*; the remaining images are in (.+)$/.exec(error.message)?.[1];
      assert.deepEqual(list(kept!), ["00001.png"]);
      return true;
    });
    await writer.abort();
    assert.equal(list(parent).length, 2);
    assert.equal(await Deno.readTextFile(folder), "in the way");
  });
});
