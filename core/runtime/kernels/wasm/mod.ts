/** Kernels that tfjs's `wasm` backend lacks. @module */
import "./backward_warp.ts";
