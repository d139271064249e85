/** Locations, files and checks of the tests of object storage. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import type { ObjectStorage } from "@slomo/storage";
import { task } from "../_tools.ts";
import { KEYS, type StorageServer } from "./_server.ts";

/** Locations of all tests. */
export const INPUT = "s3://videos/a b/in+1.mp4", OUTPUT = "s3://videos/made/out.mp4", FOLDER = `${OUTPUT}.segments`;
/** Credentials, which no message and no object may contain. */
export const SECRETS = new RegExp(Object.values(KEYS).flatMap(Object.values).join("|"));

/** Files and objects of a test. */
export interface Scene {
  readonly server: StorageServer;
  /** URL of the server of queues. */
  readonly url: string;
  readonly storage: ObjectStorage;
  /** Bytes that a single run writes. */
  readonly expected: Uint8Array;
  readonly at: (name: string) => string;
}

/** Runs `segments`. */
export const segments = (...args: readonly string[]) => task("segments", args);
/** Runs a command that must succeed. */
export async function succeeds(run: Promise<{ readonly code: number; readonly out: string; readonly err: string }>) {
  const { code, out, err } = await run;
  equal(code, 0, err);
  ok(!SECRETS.test(out + err), err);
  return { out, err };
}

/** Runs a command that must fail with one line. */
export async function fails(run: ReturnType<typeof segments>, expected: number, message: RegExp) {
  const { code, out, err } = await run, lines = err.trim().split("\n").filter((line) => line.startsWith("slomo: "));
  equal([code, lines.length, out], [expected, 1, ""], err);
  match(lines[0]!, message);
  ok(!SECRETS.test(err), err);
}

/** Returns the names of all objects. */
export const names = async ({ storage }: Scene) => (await storage.list("s3://videos", "")).map(({ name }) => name);

/** Checks that the output is complete, that nothing else is left, and removes it. */
export async function checkDone(scene: Scene): Promise<void> {
  const { storage, at, expected } = scene;
  await storage.download(OUTPUT, at("out.mp4"));
  ok(Buffer.compare(await Deno.readFile(at("out.mp4")), expected) === 0, "the bytes differ");
  equal(await names(scene), ["a b/in+1.mp4", "made/out.mp4"]);
  equal(await Array.fromAsync(Deno.readDir(at("scratch")), ({ name }) => name), []);
  await storage.remove(OUTPUT);
}
