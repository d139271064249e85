import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { wheelsFor } from "./wheels.ts";

Deno.test("wheelsFor() pins one wheel per system, and those of NVIDIA for CUDA", () => {
  const names = (os: string, arch: string, cuda: boolean) => {
    const wheels = wheelsFor(os, arch, cuda);
    return typeof wheels === "string" ? wheels : wheels.map(({ project }) => project);
  };
  equal(names("linux", "x86_64", false), ["tensorflow-cpu"]);
  equal(names("darwin", "aarch64", false), ["tensorflow"]);
  match(String(names("windows", "x86_64", false)), /Windows needs the DLLs of a Python installation/);
  match(String(names("freebsd", "x86_64", false)), /no wheel for freebsd x86_64/);
  match(String(names("darwin", "aarch64", true)), /no CUDA build for darwin aarch64/);
  const cuda = wheelsFor("linux", "x86_64", true);
  if (typeof cuda === "string") throw new Error(cuda);
  strictEqual(cuda.length, 13);
  for (const { project, version, file, sha256, bytes } of cuda) {
    ok(file.startsWith(`${project.replaceAll("-", "_")}-${version}-`), file);
    match(sha256, /^[0-9a-f]{64}$/);
    ok(Number.isInteger(bytes));
  }
});

Deno.test("wheelsFor() unpacks the libraries of a wheel and no Python files", () => {
  const wheels = wheelsFor("linux", "x86_64", true);
  if (typeof wheels === "string") throw new Error(wheels);
  const isUnpacked = (project: string, member: string) =>
    wheels.find((w) => w.project === project)?.members.test(member);
  ok(isUnpacked("tensorflow", "tensorflow/libtensorflow_cc.so.2"));
  ok(isUnpacked("tensorflow", "tensorflow/libtensorflow_framework.so.2"));
  ok(!isUnpacked("tensorflow", "tensorflow/python/_pywrap.so"));
  ok(isUnpacked("nvidia-cudnn-cu12", "nvidia/cudnn/lib/libcudnn.so.9"));
  ok(!isUnpacked("nvidia-cudnn-cu12", "nvidia/cudnn/include/cudnn.h"));
});
