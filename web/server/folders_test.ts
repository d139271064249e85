import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { withFolder } from "../../tests/_tools.ts";
import { Folders, freePath, safeName } from "./folders.ts";

async function write(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await Deno.mkdir(path.replace(/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(path, "content");
  }
}

Deno.test("Folders resolve files inside, and no file outside, hidden, or behind a link that leads out", async () => {
  await withFolder(async (_, at) => {
    await write(at("videos/a.mp4"), at("videos/sub/b.mov"), at("videos/.hidden/c.mp4"), at("secret/key.mp4"));
    await write(at("videos-secret/d.mp4"), at("other/e.mp4"));
    await Deno.symlink(at("secret/key.mp4"), at("videos/link.mp4"));
    await Deno.symlink(at("secret"), at("videos/linked"));
    await Deno.symlink(at("videos-secret"), at("videos/sibling"));
    await Deno.symlink(at("videos/a.mp4"), at("videos/same.mp4"));
    await Deno.symlink(at("videos/.hidden/c.mp4"), at("videos/shown.mp4"));
    const folders = await Folders.open([at("videos"), at("other")], at("other"));
    const real = await Deno.realPath(at("videos/a.mp4"));
    equal(await folders.resolve("0/a.mp4"), real);
    equal(await folders.resolve("0/same.mp4"), real);
    equal(folders.idOf(await folders.resolve("0/sub/b.mov"), 0), "0/sub/b.mov");
    const attacks = [
      "0/../secret/key.mp4",
      "0/sub/../../secret/key.mp4",
      "0/..",
      "0/./a.mp4",
      "0//etc/passwd",
      `0/${at("secret/key.mp4")}`,
      at("secret/key.mp4"),
      "0/link.mp4",
      "0/linked/key.mp4",
      "0/sibling/d.mp4",
      "0/.hidden/c.mp4",
      "0/shown.mp4",
      "0/..\\secret\\key.mp4",
      "0/a.mp4\0.png",
      "0/%2e%2e/secret/key.mp4",
      "2/e.mp4",
      "-1/a.mp4",
      "__proto__/a.mp4",
      "",
      "/",
    ];
    for (const attack of attacks) {
      await rejects(folders.resolve(attack), { name: "UsageError", code: "input-not-found" }, attack);
    }
    const listed = (await folders.list("0")).entries.map(({ id, kind }) => `${kind} ${id}`);
    equal(listed, ["folder 0/sub", "video 0/a.mp4", "video 0/same.mp4"]);
    await rejects(folders.list("0/a.mp4"), { name: "UsageError" });
  });
});

Deno.test("Folders list image sequences, and refuse folders that do not exist", async () => {
  await withFolder(async (_, at) => {
    await write(at("in/frames/1.png"), at("in/frames/2.png"), at("in/notes.txt"), at("in/z.mkv"));
    const folders = await Folders.open([at("in")], at("new/out"));
    equal([folders.names, folders.outNumber], [["in", "out"], 1]);
    const { name, entries } = await folders.list("0");
    equal([name, ...entries.map(({ kind, name }) => `${kind} ${name}`)], ["in", "images frames", "video z.mkv"]);
    await rejects(Folders.open([at("nowhere")], at("out")), { name: "UsageError", option: "folder" });
    await rejects(Folders.open([at("nowhere")], at("nowhere")), { name: "UsageError", option: "folder" });
    await rejects(Deno.stat(at("nowhere")), { name: "NotFound" });
    await rejects(Folders.open([at("in/z.mkv")], at("out")), { name: "UsageError", option: "folder" });
    await rejects(Folders.open([at("in")], at("in/z.mkv")), { name: "UsageError", option: "out" });
  });
});

Deno.test("safeName() makes names that cannot leave a folder, hide, or deceive", () => {
  const names = {
    "clip.mp4": "clip.mp4",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "/etc/cron.d/x": "x",
    ".bashrc": "bashrc",
    "...": "video",
    "": "video",
    "a\0b\n.mp4": "a_b_.mp4",
    "clip.mp4\u202egpj": "clip.mp4_gpj",
    'a<b>:"|?*.mkv': "a_b______.mkv",
    "con.mp4": "_con.mp4",
    "Café – 日本.mov": "Café – 日本.mov",
    "-rf.mp4": "-rf.mp4",
  };
  for (const [given, safe] of Object.entries(names)) equal(safeName(given), safe, JSON.stringify(given));
  const long = safeName(`${"日".repeat(300)}.mp4`);
  ok(new TextEncoder().encode(long).length <= 200 && long.endsWith(".mp4"));
});

Deno.test("freePath() adds a number before the extension of a name that is taken", async () => {
  await withFolder(async (_, at) => {
    equal(await freePath(at("a.mp4")), at("a.mp4"));
    await write(at("a.mp4"), at("a (2).mp4"));
    equal(await freePath(at("a.mp4")), at("a (3).mp4"));
  });
});
