import { strictEqual as equal } from "node:assert/strict";
import { join } from "@std/path";
import { inRepo, withFolder } from "../../tests/_tools.ts";
import { denoFolder, lacksPackages } from "./packages.ts";

Deno.test("lacksPackages() is true until Deno has the version of deno.json", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(inRepo("deno.json"))) as { imports: Record<string, string> };
  const version = imports.zod!.replace("npm:zod@", "");
  await withFolder(async (folder, at) => {
    equal(await lacksPackages(folder), true);
    await Deno.mkdir(at(join("npm", "registry.test", "zod", "1.0.0")), { recursive: true });
    equal(await lacksPackages(folder), true);
    await Deno.mkdir(at(join("npm", "registry.test", "zod", version)));
    equal(await lacksPackages(folder), false);
  });
});

Deno.test("denoFolder() is the folder that Deno uses", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  equal(denoFolder((name) => Deno.env.get(name)), JSON.parse(new TextDecoder().decode(stdout)).denoDir);
  const env = (values: Record<string, string>) => (name: string) => values[name];
  equal(denoFolder(env({ DENO_DIR: "/d", HOME: "/h" }), "linux"), "/d");
  equal(denoFolder(env({ XDG_CACHE_HOME: "/x", HOME: "/h" }), "linux"), join("/x", "deno"));
  equal(denoFolder(env({ HOME: "/h" }), "darwin"), join("/h", "Library", "Caches", "deno"));
  equal(denoFolder(env({}), "linux"), undefined);
});
