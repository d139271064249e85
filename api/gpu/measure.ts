/**
 * Measures one device: reads the request from standard input and writes the result to standard output. `measureApart` starts
 * it.
 *
 * @module
 */
import { reasonOf } from "@slomo/core";
import { createToolkit } from "@slomo/core/manifest";
import { type DeviceMeasurement, measureDevice } from "@slomo/engine";
import { openWeights } from "@slomo/weights/file";
import { BACKENDS } from "../backends.ts";
import { RESULT, type WrittenRequest } from "./measure_apart.ts";

async function measure(input: Uint8Array): Promise<DeviceMeasurement> {
  const end = input.indexOf("\n".charCodeAt(0));
  const { manifest, hasWeights, ...request }: WrittenRequest = JSON.parse(
    new TextDecoder().decode(input.subarray(0, end)),
  );
  const definition = BACKENDS.find(({ name }) => name === request.backend)!;
  const weights = hasWeights ? openWeights(input.slice(end + 1)) : undefined;
  return await measureDevice(definition, {
    ...request,
    toolkit: await createToolkit(manifest),
    weights,
    frame: undefined,
  });
}

if (import.meta.main) {
  const input = new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
  const advice = /; choose another .*/;
  const result = await measure(input).catch((error) => ({ failure: reasonOf(error).replace(advice, "") }));
  console.log(RESULT + JSON.stringify(result));
  // Some drivers crash while they are unloaded, when the result is there.
  Deno.exit(0);
}
