import { createHash } from "node:crypto";
import { cpus } from "node:os";
import type { NetworksSetup, PairShape } from "@slomo/engine/pair";
import config from "../deno.json" with { type: "json" };
import type { OnnxDevice } from "../session/devices.ts";

/** Version of the entries of the cache. */
const FORMAT = 2;

/** A plugin whose code cannot change without its specifier: of slomo's own release, or of a fixed version. */
const FIXED = /^jsr:\/?@slomo\/|^(?:jsr|npm):\/?(?:@[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+[^/]*(?:\/|$)/;

/** Properties that the optimization of a graph depends on, except the graph. */
export interface RuntimeFacts {
  /** Version of onnxruntime. */
  readonly version: string;
  /** The device that computes. */
  readonly device: OnnxDevice;
  /** Number format in which convolutions are multiplied. */
  readonly precision: string;
}

/** Returns the SHA-256 of text, or of bytes without a copy, which weights in shared memory would need elsewhere. */
function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Returns the name of the CPU, whose instruction set decides how graphs are optimized; `undefined` if it may not be read. */
function cpuName(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "cpus" });
  return state === "granted" ? cpus()[0]?.model : undefined;
}

/** Returns whether the code of a plugin has a version, or is in files that can be compared. */
const hasFixedCode = (plugin: string): boolean => plugin.startsWith("file:") || FIXED.test(plugin);

/** Returns the key of a setup's graphs for a shape of frame pairs. */
export type GraphKey = (shape: PairShape) => string;

/**
 * Returns the key of a setup's graphs: everything that determines them, except local code, which an entry lists. Returns
 * `undefined` if no key is possible: for code from a changing location, without permission to read the name of the CPU,
 * or for a toolkit that the caller has created, perhaps with plugins that its manifest does not name.
 */
export function graphKeyOf(
  { toolkit, weights, flowScale }: NetworksSetup,
  runtime: RuntimeFacts,
): GraphKey | undefined {
  const cpu = cpuName(), { plugins, use } = toolkit.manifest;
  if (!("load" in toolkit) || cpu === undefined || !plugins.every(hasFixedCode)) return undefined;
  const { flowEstimator, interpolator, warp } = use;
  const facts = {
    ...{ format: FORMAT, slomo: config.version, code: import.meta.url, runtime, cpu, platform: Deno.build.target },
    ...{ plugins, use: { flowEstimator, interpolator, warp }, flowScale },
    weights: weights && { sha256: sha256(weights.bytes), facts: weights.facts },
  };
  return ({ width, height, details }) => sha256(JSON.stringify({ ...facts, width, height, details })).slice(0, 32);
}
