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

/** The name under which the backend is registered with tfjs. */
export const BACKEND = "wasm";

/** An array that lies in the heap of the WebAssembly module. It is lost when the heap grows: take it after all is allocated. */
export type HeapArray = Float32Array | Int32Array | Uint8Array;

/** What kernels use of the `wasm` backend. */
export interface WasmBackend extends KernelBackend {
  /** A new tensor; at `offset`, in bytes, on memory that is there already. */
  makeOutput(shape: number[], dtype: DataType, offset?: number): TensorInfo;
  /** The numbers of a tensor, where they lie. */
  typedArrayFromHeap(tensor: TensorInfo): HeapArray;
  /** The tensors that there are. */
  readonly dataIdMap: {
    get(dataId: object): { readonly id: number; readonly memoryOffset: number };
    delete(dataId: object): boolean;
  };
  /** The module, by Emscripten. */
  readonly wasm: {
    _malloc(bytes: number): number;
    _free(offset: number): void;
    readonly HEAPU8: Uint8Array;
    readonly tfjs: { disposeData(id: number): void };
  };
}

/** What a kernel is called with. */
export interface KernelCall<Inputs, Attributes> {
  /** Its tensors. */
  readonly inputs: Inputs;
  /** Its attributes. */
  readonly attrs: Attributes;
  /** The backend it runs on. */
  readonly backend: WasmBackend;
}

/** Registers a kernel, in place of the backend's own if it has one. tfjs's registry keeps no types: they are given up here. */
export function useKernel<Inputs, Attributes>(
  kernelName: string,
  run: (call: KernelCall<Inputs, Attributes>) => TensorInfo | TensorInfo[],
): void {
  const stock: KernelConfig | undefined = getKernel(kernelName, BACKEND);
  if (stock !== undefined) unregisterKernel(kernelName, BACKEND);
  registerKernel({ ...stock, kernelName, backendName: BACKEND, kernelFunc: run as unknown as KernelFunc });
}
