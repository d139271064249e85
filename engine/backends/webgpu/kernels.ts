/** Kernels that tfjs's `webgpu` backend lacks. @module */
import "./backward_warp.ts";
