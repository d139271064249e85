import { collectSources, factsOf } from "@slomo/core/sources";
import { join } from "@std/path";
import type { NetworkRunner, NetworksSetup, PairShape } from "@slomo/engine/pair";
import {
  type CachedGraph,
  type CacheEntry,
  type GraphCache,
  openGraphCache,
  type PartialEntry,
} from "../cache/graph_cache.ts";
import { graphKeyOf } from "../cache/graph_key.ts";
import { type GraphSession, openSession, type SessionOptions } from "../session/graph_session.ts";
import type { Onnxruntime } from "../session/onnxruntime.ts";
import type { PairGraph, PairGraphName, PairTracer } from "./pair_tracer.ts";

/** The sessions for one shape of frame pairs. */
export interface PairSessions {
  /** Names of the parts in error messages. */
  readonly labels: NetworkRunner["labels"];
  /** The sessions of the graphs that the networks have. */
  readonly sessions: Readonly<Partial<Record<PairGraphName, GraphSession>>>;
}

/** Opens sessions for the networks of a setup. */
export interface PairSessionOpener {
  /**
   * Opens the sessions for a shape, from the cache if it has their graphs. Otherwise loads the plugins, traces the networks
   * and adds the graphs to the cache.
   *
   * @throws {UsageError} If plugins, options and weights do not match.
   * @throws {UntraceableError} If the networks cannot be traced.
   */
  open(shape: PairShape): Promise<PairSessions>;
  /**
   * Checks that the networks can be traced, at a small size, and returns the names of the parts.
   *
   * @throws {UsageError} As {@linkcode open}.
   */
  check(): Promise<NetworkRunner["labels"]>;
}

/** Frees sessions. */
export async function releaseSessions(sessions: PairSessions["sessions"]): Promise<void> {
  for (const session of Object.values(sessions)) await session.release();
}

async function openCached(
  ort: Onnxruntime,
  { labels, graphs, folder }: CacheEntry,
  options: SessionOptions,
): Promise<PairSessions> {
  const sessions: Record<string, GraphSession> = {};
  try {
    for (const [name, { file, ...graph }] of Object.entries(graphs)) {
      sessions[name] = await openSession(ort, { ...graph, model: join(folder, file) }, options);
    }
  } catch (error) {
    await releaseSessions(sessions);
    throw error;
  }
  return { labels, sessions };
}

/** Opens a traced graph, and writes it to an entry of the cache if there is one. */
async function openTraced(
  ort: Onnxruntime,
  { inputs, outputs, encode }: PairGraph,
  options: SessionOptions,
  file: string,
  entry: PartialEntry | undefined,
): Promise<[GraphSession, CachedGraph | undefined]> {
  const graph = { inputs, outputs, model: encode() };
  if (!entry) return [await openSession(ort, graph, options), undefined];
  const path = join(entry.folder, file);
  // Providers of GPUs compile parts of a graph, which no file can hold; these are optimized whenever they are opened.
  const isOptimized = options.device === "cpu";
  try {
    if (!isOptimized) await Deno.writeFile(path, graph.model);
    const session = await openSession(ort, graph, options, isOptimized ? path : undefined);
    const { size: bytes } = await Deno.stat(path);
    return [session, { file, bytes, isOptimized, inputs, outputs }];
  } catch {
    // The disk may be full. If the graph itself is refused, so it is here.
    return [await openSession(ort, graph, options), undefined];
  }
}

async function traceSessions(
  ort: Onnxruntime,
  tracer: PairTracer,
  shape: PairShape,
  options: SessionOptions,
  entry: PartialEntry | undefined,
): Promise<PairSessions> {
  const { labels, modules } = tracer, sessions: Record<string, GraphSession> = {};
  const graphs: Record<string, CachedGraph> = {};
  let isComplete = true;
  try {
    // One after the other, so that the weights of one graph are freed before those of the next are encoded.
    for (const [name, graph] of tracer.graphs(shape)) {
      const [session, cached] = await openTraced(ort, graph, options, `${name}.onnx`, entry);
      sessions[name] = session;
      if (cached) graphs[name] = cached;
      else isComplete = false;
    }
  } catch (error) {
    await releaseSessions(sessions);
    throw error;
  }
  if (isComplete) await entry?.finish({ labels, graphs, sources: await factsOf(await collectSources(modules)) });
  return { labels, sessions };
}

/**
 * Prepares to open sessions for the networks of a setup. Plugins and weights are loaded when a graph must be traced.
 *
 * @param cache Keeps the graphs. @default {the one in slomo's cache folder, if this process may use it}
 */
export function pairSessionOpener(
  ort: Onnxruntime,
  setup: NetworksSetup,
  options: SessionOptions,
  cache: GraphCache | undefined = openGraphCache(),
): PairSessionOpener {
  let loading: Promise<PairTracer> | undefined;
  const tracer = () =>
    loading ??= (async () => {
      const { openPairTracer } = await import("./pair_tracer.ts");
      return await openPairTracer(setup, options);
    })();
  const version = ort.env.versions.node!, { device, precision = "float32" } = options;
  const keyOf = cache && graphKeyOf(setup, { version, device, precision });
  return {
    async open(shape) {
      if (!cache || !keyOf) return await traceSessions(ort, await tracer(), shape, options, undefined);
      const key = keyOf(shape), found = await cache.find(key);
      try {
        if (found) return await openCached(ort, found, options);
      } catch {
        await cache.discard(key);
      }
      const entry = await cache.begin(key);
      try {
        return await traceSessions(ort, await tracer(), shape, options, entry);
      } finally {
        // A completed entry has another name by now.
        await entry?.abandon();
      }
    },
    async check() {
      const { labels, check } = await tracer();
      check();
      return labels;
    },
  };
}
