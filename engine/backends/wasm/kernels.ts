/** Kernels that tfjs's `wasm` backend lacks, and faster ones in place of some of its own. @module */
import "./backward_warp.ts";
import "./concat.ts";
import "./conv2d_backprop_filter.ts";
import "./conv2d_backprop_input.ts";
import "./fused_conv2d.ts";
import "./slice.ts";
