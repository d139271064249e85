import { cString, withLibc } from "./libc.ts";

/** Files by which Linux offers GPUs: those of its own drivers, of NVIDIA's, and of WSL. */
const NODES: readonly string[] = [
  ...Array.from({ length: 8 }, (_, i) => `/dev/dri/renderD${128 + i}`),
  "/dev/nvidia0",
  "/dev/nvidiactl",
  "/dev/dxg",
];

/** Mode of `access` that asks whether a file exists. */
const EXISTS = 0;

/**
 * Returns whether this machine may have a GPU. On Linux it looks for device files, within a millisecond and without loading
 * a graphics driver; on other systems, where all common machines have a GPU, it returns true.
 *
 * @param nodes Device files to look for. @default {those of GPUs}
 */
export function mayHaveGpu(nodes: readonly string[] = NODES): boolean {
  // Deno's own functions refuse /dev without `--allow-all`.
  return withLibc(({ access }) => nodes.some((path) => access(cString(path), EXISTS) === 0)) ??
    Deno.build.os !== "linux";
}
