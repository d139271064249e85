/** Ops that tfjs-core lacks. @module */
export {};
