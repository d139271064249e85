/** Backends and engines. @module */
export {};
