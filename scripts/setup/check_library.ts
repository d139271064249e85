/**
 * A process of its own that loads a libtensorflow, multiplies with it and prints its version and device as JSON: a library
 * that does not fit the processor ends the process that loads it.
 */
import { TensorflowBinding } from "../../core/runtime/tensorflow/binding/binding.ts";

const [library = ""] = Deno.args;
const binding = new TensorflowBinding(library);
const twos = binding.createTensor([2, 2], binding.TF_FLOAT, new Float32Array(4).fill(2));
const type = [{ name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }];
const [product] = binding.executeOp("MatMul", type, [twos, twos], 1);
const right = product !== undefined && binding.tensorDataSync(product.id).every((value) => value === 8);
console.log(JSON.stringify({ right, version: binding.TF_Version, device: binding.device.type }));
binding.close();
