/** Kernels that tfjs's `cpu` backend lacks. @module */
import "./backward_warp.ts";
