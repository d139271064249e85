import {
  type DataType,
  getKernel,
  type KernelBackend,
  type KernelConfig,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from "@tensorflow/tfjs-core";

/** Name of the backend in tfjs. */
export const BACKEND = "wasm";

/** A view of the WebAssembly heap. It becomes invalid when the heap grows, so create it after all allocations. */
export type HeapArray = Float32Array | Int32Array | Uint8Array;

/** The part of the `wasm` backend that kernels use. */
export interface WasmBackend extends KernelBackend {
  /** Creates a tensor, on existing memory if `offset` in bytes is given. */
  makeOutput(shape: number[], dtype: DataType, offset?: number): TensorInfo;
  /** Returns a view of the values of a tensor. */
  typedArrayFromHeap(tensor: TensorInfo): HeapArray;
  /** Existing tensors. */
  readonly dataIdMap: {
    get(dataId: object): { readonly id: number; readonly memoryOffset: number };
    delete(dataId: object): boolean;
  };
  /** The Emscripten module. */
  readonly wasm: {
    _malloc(bytes: number): number;
    _free(offset: number): void;
    readonly HEAPU8: Uint8Array;
    readonly tfjs: { disposeData(id: number): void };
  };
}

/** Arguments of a kernel. */
export interface KernelCall<Inputs, Attributes> {
  /** Tensors by name. */
  readonly inputs: Inputs;
  /** Attributes. */
  readonly attrs: Attributes;
  /** The backend that runs it. */
  readonly backend: WasmBackend;
}

/** Registers a kernel in tfjs's registry, which is untyped, and replaces that of tfjs if there is one. */
export function useKernel<Inputs, Attributes>(
  kernelName: string,
  run: (call: KernelCall<Inputs, Attributes>) => TensorInfo | TensorInfo[],
): void {
  const stock: KernelConfig | undefined = getKernel(kernelName, BACKEND);
  if (stock !== undefined) unregisterKernel(kernelName, BACKEND);
  registerKernel({ ...stock, kernelName, backendName: BACKEND, kernelFunc: run as unknown as KernelFunc });
}
