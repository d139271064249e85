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

/** Mappings by kind and by the names of tfjs kernels. */
export const MAPPINGS_BY_KIND: Readonly<Record<string, MappingTable>> = {
  "Convolution": convolutions,
  "Matrix products": matrix,
  "Warp": warps,
  "Pooling and resizing": poolAndResize,
  "Elementwise": elementwise,
  "Logic and comparison": logic,
  "Reduction": reduce,
  "Shape": shapes,
  "Slicing": slices,
  "Joining": join,
  "Padding": padding,
};

/** All mappings by the names of tfjs kernels. */
export const mappings: MappingTable = Object.assign({}, ...Object.values(MAPPINGS_BY_KIND));
