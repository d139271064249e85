import type { Wheel } from "@slomo/downloads/wheels";
import { CUDA_WHEELS } from "./_cuda_wheels.ts";

/** The library and its dependency; the rest of the wheel is for Python. */
const LIBRARIES = /^tensorflow\/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)$/;

const tensorflow = (project: string, platform: string, bytes: number, sha256: string): Wheel => ({
  project,
  version: "2.21.0",
  file: `${project.replace("-", "_")}-2.21.0-cp311-cp311-${platform}.whl`,
  bytes,
  sha256,
  members: LIBRARIES,
});

const CPU: Readonly<Record<string, Wheel>> = {
  "linux x86_64": tensorflow(
    "tensorflow-cpu",
    "manylinux_2_27_x86_64",
    273829956,
    "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
  ),
  "linux aarch64": tensorflow(
    "tensorflow",
    "manylinux_2_27_aarch64",
    281828020,
    "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c",
  ),
  "darwin aarch64": tensorflow(
    "tensorflow",
    "macosx_12_0_arm64",
    223405849,
    "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88",
  ),
};

/** NVIDIA's wheels, unpacked beside TensorFlow, which looks for them in `../nvidia/PART/lib`. */
const NVIDIA: readonly Wheel[] = CUDA_WHEELS.map(([project, version, platform, bytes, sha256]) => ({
  project,
  version,
  file: `${project.replaceAll("-", "_")}-${version}-py3-none-${platform}.whl`,
  bytes,
  sha256,
  members: /^nvidia\/[^/]+\/(lib|bin|nvvm)\//,
}));

const CUDA: readonly Wheel[] = [
  tensorflow(
    "tensorflow",
    "manylinux_2_27_x86_64",
    572440367,
    "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
  ),
  ...NVIDIA,
];

/** Returns the wheels for a system, or the reason why there are none. */
export function wheelsFor(os: string, arch: string, cuda: boolean): readonly Wheel[] | string {
  const system = `${os} ${arch}`;
  if (cuda) {
    return system === "linux x86_64" ? CUDA : `TensorFlow has no CUDA build for ${system}, only for linux x86_64`;
  }
  const wheel = CPU[system];
  if (wheel !== undefined) return [wheel];
  return os === "windows"
    ? "TensorFlow's wheel for Windows needs the DLLs of a Python installation, and slomo does not load it"
    : `TensorFlow has no wheel for ${system}`;
}
