import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { Thumbnails } from "./thumbnails.ts";

Deno.test("thumbnails are made one at a time, once each, and a limited number is kept", async () => {
  const thumbnails = new Thumbnails(), made: string[] = [];
  let running = 0, most = 0;
  const get = (name: string) =>
    thumbnails.get(name, async () => {
      most = Math.max(most, ++running);
      made.push(name);
      await Promise.resolve();
      running--;
      return new TextEncoder().encode(name);
    });
  const images = await Promise.all(["a", "b", "a", "c", "b"].map(get));
  equal(images.map((image) => new TextDecoder().decode(image)), ["a", "b", "a", "c", "b"]);
  equal([made, most], [["a", "b", "c"], 1]);
  for (let i = 0; i < 250; i++) await get(`${i}`);
  await get("249");
  await get("a");
  equal(made.filter((name) => name === "a" || name === "249"), ["a", "249", "a"]);
});

Deno.test("a thumbnail that fails is tried again, and does not stop others", async () => {
  const thumbnails = new Thumbnails(), image = new Uint8Array(1);
  await rejects(thumbnails.get("a", () => Promise.reject(new Error("broken"))), /broken/);
  equal(await thumbnails.get("b", () => Promise.resolve(image)), image);
  equal(await thumbnails.get("a", () => Promise.resolve(image)), image);
});
