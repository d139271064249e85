/** Mappings of tfjs kernels to ONNX nodes, by kind. @module */
import { convolutions } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { join } from "./join.ts";
import { logic } from "./logic.ts";
import type { MappingTable } from "../trace/tracing.ts";
import { matrix } from "./matrix.ts";
import { padding } from "./pad.ts";
import { poolAndResize } from "./pool_and_resize.ts";
import { reduce } from "./reduce.ts";
import { shapes } from "./shape.ts";
import { slices } from "./slice.ts";
import { warps } from "./backward_warp.ts";

/** All mappings by the names of tfjs kernels. */
export const mappings: MappingTable = {
  ...convolutions,
  ...elementwise,
  ...join,
  ...logic,
  ...matrix,
  ...padding,
  ...poolAndResize,
  ...reduce,
  ...shapes,
  ...slices,
  ...warps,
};
