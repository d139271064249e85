import {
  getKernel,
  type KernelConfig,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { ATTRIBUTE_TYPES, DATA_TYPES } from "../binding/constants.ts";
import type { Attribute } from "../binding/ops.ts";
import { BACKEND } from "../name.ts";
import type { NodeBackend } from "../package.ts";

/** Arguments of a kernel. */
export interface KernelCall<Input extends string, Attributes> {
  /** Tensors by name. */
  readonly inputs: Readonly<Record<Input, TensorInfo>>;
  /** Attributes. */
  readonly attrs: Attributes;
  /** The backend that runs it. */
  readonly backend: NodeBackend;
}

/** Returns a kernel of this backend for tfjs's registry, which is untyped. */
export function kernel<Input extends string, Attributes>(
  kernelName: string,
  run: (call: KernelCall<Input, Attributes>) => TensorInfo,
): KernelConfig {
  return { kernelName, backendName: BACKEND, kernelFunc: run as unknown as KernelFunc };
}

/** Registers a kernel and replaces that of the package. */
export function replaceKernel(config: KernelConfig): void {
  if (getKernel(config.kernelName, BACKEND) !== undefined) unregisterKernel(config.kernelName, BACKEND);
  registerKernel(config);
}

const { TF_ATTR_TYPE, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_STRING, TF_ATTR_SHAPE } = ATTRIBUTE_TYPES;

/** Returns an attribute for a data type. */
export const typeOf = (name: string, value: number | readonly number[] = DATA_TYPES.TF_FLOAT): Attribute => ({
  name,
  type: TF_ATTR_TYPE,
  value,
});
/** Returns an attribute for an integer or a list of them. */
export const ints = (name: string, value: number | readonly number[]): Attribute => ({
  name,
  type: TF_ATTR_INT,
  value,
});
/** Returns an attribute for a float. */
export const float = (name: string, value: number): Attribute => ({ name, type: TF_ATTR_FLOAT, value });
/** Returns an attribute for a boolean. */
export const bool = (name: string, value: boolean): Attribute => ({ name, type: TF_ATTR_BOOL, value });
/** Returns an attribute for a string or a list of them. */
export const text = (name: string, value: string | readonly string[]): Attribute => ({
  name,
  type: TF_ATTR_STRING,
  value,
});
/** Returns an attribute for a shape. */
export const shape = (name: string, value: readonly number[]): Attribute => ({ name, type: TF_ATTR_SHAPE, value });
