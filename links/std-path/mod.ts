/** Stand-in for `jsr:@std/path`: the functions that slomo uses, from `node:path` and `node:url`. See `../README.md`. @module */
export { basename, dirname, extname, isAbsolute, join, relative, resolve } from "node:path";
export { fileURLToPath as fromFileUrl, pathToFileURL as toFileUrl } from "node:url";
