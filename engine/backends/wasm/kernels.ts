/** Kernels that tfjs's `wasm` backend lacks, and faster replacements of some others. @module */
import "./backward_warp.ts";
import "./concat_and_slice.ts";
import "./conv2d_backprop_filter.ts";
import "./conv2d_backprop_input.ts";
import "./fused_conv2d.ts";
