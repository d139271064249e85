/** Prints the facts of a TensorFlow library as JSON. Runs in a separate process, because a wrong library crashes it. */
import { tryLibrary } from "@slomo/tensorflow";

console.log(JSON.stringify(tryLibrary(Deno.args[0] ?? "")));
