/** Prints the facts of a TensorFlow library as JSON. Runs as a process of its own: a wrong library ends the process. */
import { tryLibrary } from "@slomo/tensorflow";

console.log(JSON.stringify(tryLibrary(Deno.args[0] ?? "")));
