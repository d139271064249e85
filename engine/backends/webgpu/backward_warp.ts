import { type KernelBackend, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { BACKWARD_WARP } from "@slomo/ops";

/** A compute shader of the `webgpu` backend, with one invocation per output value. */
interface Program {
  readonly outputShape: number[];
  readonly shaderKey: string;
  readonly dispatchLayout: { readonly x: number[] };
  readonly dispatch: [number, number, number];
  readonly variableNames: string[];
  readonly workgroupSize: [number, number, number];
  readonly size: boolean;
  getUserCode(): string;
}

/** The part of the `webgpu` backend that the kernel uses. */
interface WebGpuBackend extends KernelBackend {
  runWebGPUProgram(program: Program, inputs: TensorInfo[], dtype: "float32"): TensorInfo;
}

const GROUP = 64;
/** WebGPU's limit of workgroups in one dimension. */
const MAX_GROUPS = 65535;

/** The loop of `warpArrays` in WGSL; the comparison makes NaN read the upper left pixel. */
const SHADER = `
  fn clampTo(position : f32, last : f32) -> f32 {
    if (!(position > 0.0)) { return 0.0; }
    return min(position, last);
  }
  fn main(index : i32) {
    if (index < uniforms.size) {
      let at = getCoordsFromIndex(index);
      let lastX = uniforms.imageShape[2] - 1;
      let lastY = uniforms.imageShape[1] - 1;
      let stride = f32(uniforms.imageShape[1] / uniforms.outShape[1]);
      let center = (stride - 1.0) / 2.0;
      let image = min(at[0], uniforms.imageShape[0] - 1);
      let x = clampTo(f32(at[2]) * stride + center + getFlow(at[0], at[1], at[2], 0), f32(lastX));
      let y = clampTo(f32(at[1]) * stride + center + getFlow(at[0], at[1], at[2], 1), f32(lastY));
      let x0 = i32(floor(x));
      let y0 = i32(floor(y));
      let x1 = min(x0 + 1, lastX);
      let y1 = min(y0 + 1, lastY);
      let fx = x - f32(x0);
      let fy = y - f32(y0);
      let a = getImage(image, y0, x0, at[3]);
      let b = getImage(image, y0, x1, at[3]);
      let c = getImage(image, y1, x0, at[3]);
      let d = getImage(image, y1, x1, at[3]);
      let top = a + (b - a) * fx;
      let bottom = c + (d - c) * fx;
      setOutputAtIndex(index, top + (bottom - top) * fy);
    }
  }
`;

function program(outputShape: number[]): Program {
  const groups = Math.ceil(outputShape.reduce((a, b) => a * b) / GROUP);
  const rows = Math.ceil(groups / MAX_GROUPS);
  return {
    outputShape,
    shaderKey: "slomoBackwardWarp",
    dispatchLayout: { x: [0, 1, 2, 3] },
    dispatch: [Math.ceil(groups / rows), rows, 1],
    variableNames: ["image", "flow"],
    workgroupSize: [GROUP, 1, 1],
    size: true,
    getUserCode: () => SHADER,
  };
}

registerKernel({
  kernelName: BACKWARD_WARP,
  backendName: "webgpu",
  kernelFunc({ inputs, backend }) {
    const { image, flow } = inputs as { image: TensorInfo; flow: TensorInfo };
    const shape = [...flow.shape.slice(0, 3), image.shape[3]!];
    return (backend as WebGpuBackend).runWebGPUProgram(program(shape), [image, flow], "float32");
  },
});
