import { type Image, JobError, UsageError } from "@slomo/core";
import { join } from "@std/path";
import { encode } from "fast-png";
import assert from "node:assert/strict";
import { flat, imagesMedia, inFolder, noise, read, write } from "./_testing.ts";
import { testCases } from "../../../tests/_more.ts";
import { ON_WINDOWS, testUnless } from "../../../tests/_unless.ts";

const codec = imagesMedia();

/** Writes gray PNGs with different intensity levels under the given names. */
async function make(folder: string, names: Record<string, number>, size = 4): Promise<void> {
  for (const [name, level] of Object.entries(names)) {
    const data = new Uint8Array(size * size).fill(level);
    await Deno.writeFile(join(folder, name), encode({ width: size, height: size, channels: 1, data }));
  }
}

async function levels(location: string): Promise<unknown[]> {
  return (await read(codec, location)).frames.map(({ image }) => image.planes[0]![0]);
}

function names(numbers: readonly number[], name: (number: number) => string): Record<string, number> {
  return Object.fromEntries(numbers.map((number) => [name(number), number % 256]));
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

Deno.test("images orders files by the last number in their names", async () => {
  await inFolder(async (folder) => {
    await make(folder, names(upTo(12), (number) => `f_${number}.png`));
    assert.deepEqual(await levels(folder), upTo(12));
  });
  await inFolder(async (folder) => {
    await make(folder, names([9, 10, 11], (number) => `shot-3_take2_${String(number).padStart(4, "0")}.png`));
    assert.deepEqual(await levels(folder), [9, 10, 11]);
  });
  await inFolder(async (folder) => {
    await make(folder, { "b.png": 2, "a.png": 1 });
    assert.deepEqual(await levels(folder), [1, 2]);
  });
});

Deno.test("images orders dates with times, negative numbers and numbers of any length", async () => {
  const rows: [string[], string | undefined][] = [
    [
      ["Screen 2024-01-01 at 10.09.00", "Screen 2024-01-02 at 10.08.00", "Screen 2024-01-02 at 11.08.00"],
      "dates and times",
    ],
    [["IMG_20240101_235901", "IMG_20240102_080000", "IMG_20240103_070000"], "dates and times"],
    [["f_-2", "f_-1", "f_0", "f_1"], undefined],
    [[9, 10, 11].map((number) => `f_${10n ** 40n + BigInt(number)}`), undefined],
    [["cover", "f_1", "f_2", "f_3"], "several patterns"],
    [["cat", "im2", "im3"], "several patterns"],
    [["a_1", "a_2", "b_3"], "names with several patterns are read as one sequence: a_%d.png, b_%d.png"],
  ];
  for (const [stems, said] of rows) {
    await inFolder(async (folder) => {
      await make(folder, Object.fromEntries(stems.map((stem, level) => [`${stem}.png`, level])));
      assert.deepEqual(await levels(folder), stems.map((_, level) => level), `${stems}`);
      const { info: { notes } } = await codec.source.open(folder);
      assert.deepEqual([notes.length, notes[0]?.includes(said ?? "")], said ? [1, true] : [0, undefined], `${notes}`);
    });
  }
  await inFolder(async (folder) => {
    await make(folder, { "cam1_1.png": 1, "cam1_2.png": 2, "cam2_1.png": 3, "cam2_2.png": 4 });
    await assert.rejects(codec.source.open(folder), /cam1_1\.png and cam2_1\.png have the same number/);
  });
});

testUnless(ON_WINDOWS, "images reports a broken link by its name", () =>
  inFolder(async (folder) => {
    await make(folder, { "1.png": 1 });
    await Deno.symlink("none.png", join(folder, "2.png"));
    await assert.rejects(
      codec.source.open(folder),
      /2\.png: cannot read the image: it is a link to a file that does not exist/,
    );
  }));

Deno.test("images reads PNG and JPEGs of several layouts as one sequence", async () => {
  await inFolder(async (folder) => {
    const yuv = (chroma: [1 | 2, 1 | 2], codes: number[]): Image => ({
      ...noise(8, 8, { model: "yuv", chroma }),
      color: { matrix: "bt470bg", range: "full" },
      planes: codes.map((code, i) => new Uint8Array(i === 0 ? 64 : 64 / chroma[0] / chroma[1]).fill(code)),
    });
    await write(codec, join(folder, "a", "%d.jpg"), [yuv([2, 2], [76, 85, 255])]);
    await write(codec, join(folder, "b", "%d.jpg"), [yuv([1, 1], [76, 85, 255])]);
    await write(codec, join(folder, "c", "%d.png"), [flat(8, 8, 50)]);
    const red = async (...parts: string[]) => {
      const into = join(folder, `of ${parts}`);
      await Deno.mkdir(into);
      for (const [i, part] of parts.entries()) {
        const ending = part === "c" ? "png" : "jpg";
        await Deno.copyFile(join(folder, part, `1.${ending}`), join(into, `${i}.${ending}`));
      }
      return (await read(codec, into)).frames.map(({ image }) => image.planes.map((plane) => plane[0]!));
    };
    const near = (found: number[][], expected: number[][]) =>
      assert.ok(found.every((row, i) => row.every((value, j) => Math.abs(value - expected[i]![j]!) <= 3)), `${found}`);
    near(await red("a", "b"), [[254, 0, 0], [254, 0, 0]]);
    near(await red("c", "a", "b"), [[50, 50, 50], [254, 0, 0], [254, 0, 0]]);
    near(await red("a", "a"), [[76, 85, 255], [76, 85, 255]]);
  });
});

Deno.test("images notes a color profile that it does not keep", async () => {
  await inFolder(async (folder) => {
    await make(folder, { "1.png": 1 });
    const png = await Deno.readFile(join(folder, "1.png")), profile = new TextEncoder().encode("\0\0\0\0iCCP\0\0\0\0");
    await Deno.writeFile(
      join(folder, "1.png"),
      new Uint8Array([...png.subarray(0, 33), ...profile, ...png.subarray(33)]),
    );
    assert.match(
      (await codec.source.open(folder)).info.notes.join(),
      /the ICC color profile of the images is not kept/,
    );
  });
});

Deno.test("images reads all files of a sequence with gaps, and notes the missing ones", async () => {
  await inFolder(async (folder) => {
    await make(folder, names(upTo(12).filter((i) => i !== 5), (number) => `f_${String(number).padStart(4, "0")}.png`));
    const { info, frames } = await read(codec, folder);
    assert.equal(frames.length, 11);
    assert.deepEqual(info.notes, [
      "the sequence has no image 5; the 11 existing images are read without gaps",
    ]);
    await Deno.remove(join(folder, "f_0009.png"));
    await Deno.remove(join(folder, "f_0008.png"));
    assert.match((await codec.source.open(folder)).info.notes[0]!, /has no image 5, 8 to 9; the 9 existing images/);
  });
});

Deno.test("images reads sequences from any first number, and numbers with equal steps without a note", async () => {
  await inFolder(async (folder) => {
    await make(folder, names([1001, 1002, 1003], (number) => `${number}.png`));
    const { info, frames } = await read(codec, folder);
    assert.deepEqual([info.notes, frames.length], [[], 3]);
  });
  await inFolder(async (folder) => {
    await make(folder, names([10, 20, 30], (number) => `${number}.png`));
    assert.deepEqual((await codec.source.open(folder)).info.notes, []);
  });
});

Deno.test("images skips hidden files and files that are not images", async () => {
  await inFolder(async (folder) => {
    await make(folder, names(upTo(2), (number) => `${number}.png`));
    for (const name of [".DS_Store", "._1.png", "notes.txt", "sound3.wav"]) {
      await Deno.writeTextFile(join(folder, name), "x");
    }
    await Deno.mkdir(join(folder, "3.png"));
    assert.deepEqual(await levels(folder), [1, 2]);
  });
});

Deno.test("images reads one of two sequences in a folder by a pattern", async () => {
  await inFolder(async (folder) => {
    await make(folder, { "a_1.png": 1, "a_2.png": 2, "b_1.png": 11, "b_02.png": 12 });
    await assert.rejects(codec.source.open(folder), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(
        error.message,
        /cannot read images: there is more than one sequence: a_1.png and b_1.png have the same number; .*a_%d.png$/,
      );
      return true;
    });
    assert.deepEqual(await levels(join(folder, "a_%d.png")), [1, 2]);
    assert.deepEqual(await levels(join(folder, "b_%02d.png")), [12]);
  });
});

Deno.test("images rejects a location without images", async () => {
  await inFolder(async (folder) => {
    const refused = (location: string, message: RegExp) =>
      assert.rejects(
        codec.source.open(location),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    await refused(folder, /cannot read images: the folder has none; name a folder with png/);
    await refused(join(folder, "%d.png"), /cannot read images: no file in .* matches the pattern/);
    await refused(join(folder, "no", "%d.png"), /cannot read images: there is no such folder/);
    await refused(join(folder, "no/"), /cannot read images: there is no such folder/);
  });
});

Deno.test("images rejects mixed sizes before work starts, and names both files", async () => {
  await inFolder(async (folder) => {
    await make(folder, { "1.png": 1, "2.png": 2 });
    await make(folder, { "3.png": 3 }, 6);
    await assert.rejects(codec.source.open(folder), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(
        error.message,
        /^images: cannot read the sequence: .*1\.png is 4×4, but .*3\.png is 6×6; scale all images to one size$/,
      );
      return true;
    });
  });
});

Deno.test("images names a file that is empty, truncated in its header or not an image", async () => {
  for (const bytes of [new Uint8Array(0), new TextEncoder().encode("text instead of an image"), undefined]) {
    await inFolder(async (folder) => {
      await make(folder, names(upTo(3), (number) => `${number}.png`));
      await Deno.writeFile(join(folder, "2.png"), bytes ?? (await Deno.readFile(join(folder, "1.png"))).slice(0, 20));
      await assert.rejects(
        codec.source.open(folder),
        (error) => error instanceof UsageError && /2\.png: cannot read the image: /.test(error.message),
      );
    });
  }
});

Deno.test("images names a damaged PNG or JPEG after the complete images before it", async () => {
  for (const ending of ["png", "jpg"]) {
    await inFolder(async (folder) => {
      await write(codec, join(folder, `%d.${ending}`), [1, 2, 3].map((seed) => noise(64, 48, {}, seed)));
      const path = join(folder, `2.${ending}`), bytes = await Deno.readFile(path);
      await Deno.writeFile(path, bytes.subarray(0, bytes.length / 2));
      const reader = await codec.source.open(folder);
      let count = 0;
      await assert.rejects(
        (async () => {
          for await (const _ of reader.frames()) count++;
        })(),
        (error) =>
          error instanceof JobError &&
          /2\.(png|jpg): cannot decode the image: .+; repair or remove it$/.test(error.message),
      );
      assert.equal(count, 1);
    });
  }
});

Deno.test("images detects the format of a file with a wrong extension", async () => {
  await inFolder(async (folder) => {
    await write(codec, join(folder, "%d.jpg"), [flat(16, 16, 77)]);
    await Deno.rename(join(folder, "1.jpg"), join(folder, "1.png"));
    const { info, frames } = await read(codec, folder);
    assert.equal(info.video.codec, "mjpeg");
    assert.equal(frames[0]!.image.planes[0]![0], 77);
  });
});

Deno.test("images reads PNGs of several layouts in a layout that keeps all their properties", async () => {
  await inFolder(async (folder) => {
    const layouts = [{ model: "gray" }, {}, { model: "gray", depth: 16 }, { alpha: true }] as const;
    for (const [i, layout] of layouts.entries()) {
      await write(codec, join(folder, `${i}`, "%d.png"), [noise(5, 4, layout, i + 1)]);
      await Deno.copyFile(join(folder, `${i}`, "1.png"), join(folder, `${i}.png`));
    }
    const { info, frames } = await read(codec, folder);
    assert.deepEqual({ ...info.video.format }, { model: "rgb", depth: 16, chroma: [1, 1], alpha: true });
    const gray = noise(5, 4, { model: "gray" }, 1).planes[0]!, [r, g, b, a] = frames[0]!.image.planes;
    assert.deepEqual([...r!], [...gray].map((level) => level * 257));
    assert.deepEqual([g, b], [r, r]);
    assert.ok(a!.every((level) => level === 65535));
    assert.deepEqual(frames[2]!.image.planes[0], noise(5, 4, { model: "gray", depth: 16 }, 3).planes[0]);
  });
});

Deno.test("images stops at an image that the layout of the first cannot represent, and names it", async () => {
  await inFolder(async (folder) => {
    await write(codec, join(folder, "a", "%d.tif"), [noise(5, 4, {})]);
    await write(codec, join(folder, "b", "%d.tif"), [noise(5, 4, { depth: 16, alpha: true })]);
    await Deno.copyFile(join(folder, "a", "1.tif"), join(folder, "1.tif"));
    await Deno.copyFile(join(folder, "b", "1.tif"), join(folder, "2.tif"));
    await assert.rejects(read(codec, folder), (error) => {
      assert.ok(error instanceof JobError);
      assert.match(error.message, /2\.tif: cannot convert rgba64le to the layout of the first image without loss/);
      return true;
    });
  });
});

/** Returns a JPEG with an EXIF orientation after its first marker. */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const exif = [...new TextEncoder().encode("Exif"), 0, 0, ...tiff];
  return new Uint8Array([...jpeg.subarray(0, 2), 0xff, 0xe1, 0, exif.length + 2, ...exif, ...jpeg.subarray(2)]);
}

type Orientations = readonly [pixelFormat: string, orientations: readonly number[]];
const FEW: Orientations[] = [["yuvj420p", [2, 6]], ["yuvj422p", [6]], ["yuvj444p", [6]]];
const MORE: Orientations[] = [["yuvj420p", [1, 3, 4, 5, 7, 8]]];

testCases("images rotates JPEGs upright by their EXIF orientation", FEW, MORE, async (_, orientations) => {
  // Displayed position of the bright corner, top left in the stored image, as [right, down].
  const shown = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0], [1, 0], [1, 1], [0, 1]];
  const stored = flat(32, 16, 20);
  for (let y = 0; y < 8; y++) stored.planes[0]!.fill(220, 32 * y, 32 * y + 16);
  await inFolder(async (folder) => {
    for (const [chroma, some] of orientations) {
      await write(codec, join(folder, "%d.jpg"), [stored], { pixelFormat: chroma, overwrite: true });
      const jpeg = await Deno.readFile(join(folder, "1.jpg"));
      for (const orientation of some) {
        await Deno.writeFile(join(folder, "1.jpg"), withOrientation(jpeg, orientation));
        const { info, frames: [frame] } = await read(codec, folder), { width, height, planes } = frame!.image;
        assert.deepEqual([width, height], orientation < 5 ? [32, 16] : [16, 32]);
        assert.deepEqual([info.video.width, info.video.height, info.video.rotation], [width, height, 0]);
        const level = (x: number, y: number) => planes[0]![(4 + (height - 8) * y) * width + 4 + (width - 8) * x]!;
        const [right, down] = shown[orientation - 1]!;
        for (const [x, y] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
          const expected = x === right && y === down ? 220 : 20;
          assert.ok(Math.abs(level(x, y) - expected) < 6, `${chroma} orientation ${orientation} at ${x}, ${y}`);
        }
      }
    }
  });
});

Deno.test("images stops when it is aborted, or the iteration ends early", async () => {
  await inFolder(async (folder) => {
    await make(folder, names(upTo(6), (number) => `${number}.png`));
    const reader = await codec.source.open(folder);
    for await (const _ of reader.frames()) break;
    const controller = new AbortController(), reason = new Error("enough");
    await assert.rejects(
      (async () => {
        for await (const _ of reader.frames({ signal: controller.signal })) controller.abort(reason);
      })(),
      reason,
    );
  });
});

Deno.test("images stops at an image with another format than its extension and another layout, and names it", async () => {
  await inFolder(async (folder) => {
    await write(codec, join(folder, "a", "%d.tif"), [noise(6, 4, {})]);
    await write(codec, join(folder, "b", "%d.png"), [noise(6, 4, { depth: 16 })]);
    await Deno.copyFile(join(folder, "a", "1.tif"), join(folder, "1.tif"));
    await Deno.copyFile(join(folder, "b", "1.png"), join(folder, "2.tif"));
    await assert.rejects(read(codec, folder), (error) => {
      assert.ok(error instanceof JobError);
      assert.match(error.message, /2\.tif: cannot convert \w+ to the layout of the first image without loss/);
      return true;
    });
  });
});
