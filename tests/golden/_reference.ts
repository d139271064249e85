/** Compares the shipped model with its reference output. */
import * as tf from "@tensorflow/tfjs-core";
import { eachBackend } from "../../engine/_testing.ts";
import { openSafetensors, tensorValues } from "../../weights/safetensors.ts";
import { agrees, runModel, shippedWeights } from "./_model.ts";

const PAIR = new URL("./pair.safetensors", import.meta.url);

/** Registers a test on each of the chosen backends. */
export async function testReference(isChosen: (backend: string) => boolean): Promise<void> {
  await eachBackend("the shipped model reproduces its reference output", async () => {
    const file = openSafetensors(await Deno.readFile(PAIR), "pair.safetensors");
    const values = (name: string) => tensorValues(file, file.tensors.get(name)!);
    const shape = file.tensors.get("first")!.shape as [number, number, number, number];
    const [first, second] = ["first", "second"].map((name) => tf.tensor4d(values(name), shape)) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    await agrees(runModel(await shippedWeights(), first, second, [0.25, 0.5]), values("flow"), values("frames"));
    tf.dispose([first, second]);
  }, isChosen);
}
