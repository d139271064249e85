import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import { openSession } from "./graph_session.ts";
import type { Onnxruntime } from "./onnxruntime.ts";

const GRAPH = {
  inputs: [{ name: "x", dims: [1], type: "float32" }],
  outputs: [{ name: "y", dims: [1], type: "float32" }],
  model: new Uint8Array(),
} as const;

Deno.test("GraphSession.run() says that a GPU failed, why, and what to do", async () => {
  const message = "/build/webgpu/buffer_manager.cc:12 Create Out of memory.\n  at line 2";
  const session = { run: () => Promise.reject(new Error(message)) };
  const ort = {
    InferenceSession: { create: () => Promise.resolve(session) },
    Tensor: class {},
  } as unknown as Onnxruntime;
  const run = async (device: "dml" | "cpu") =>
    await (await openSession(ort, GRAPH, { device, threads: 1 })).run({ x: new Float32Array(1) });
  await rejects(run("dml"), {
    name: "JobError",
    code: "gpu-failed",
    message: "onnx: device dml failed: Out of memory; set `tile` to use less memory, or `device` to cpu",
  });
  await rejects(run("cpu"), { name: "Error", message });
});

Deno.test("GraphSession.run() returns the wanted outputs of onnxruntime without copies", async () => {
  const data = new Float32Array(1), asked: unknown[] = [];
  const session = {
    run(_: unknown, wanted: readonly string[]) {
      asked.push(wanted);
      return Promise.resolve(Object.fromEntries(wanted.map((name) => [name, { data }])));
    },
  };
  const ort = {
    InferenceSession: { create: () => Promise.resolve(session) },
    Tensor: class {},
  } as unknown as Onnxruntime;
  const outputs = [...GRAPH.outputs, { name: "z", dims: [1], type: "float32" }] as const;
  const { run } = await openSession(ort, { ...GRAPH, outputs }, { device: "cpu", threads: 1 });
  ok((await run({ x: new Float32Array(1) }, ["z"])).z === data);
  equal(Object.keys(await run({ x: new Float32Array(1) })), ["y", "z"]);
  equal(asked, [["z"], ["y", "z"]]);
});

Deno.test("openSession() needs no memory of its own if glibc keeps freed memory", async () => {
  const arenas: (boolean | undefined)[] = [], variable = "MALLOC_MMAP_MAX_", before = Deno.env.get(variable);
  const ort = {
    InferenceSession: {
      create(_: unknown, { enableCpuMemArena }: { enableCpuMemArena?: boolean }) {
        arenas.push(enableCpuMemArena);
        return Promise.resolve({});
      },
    },
    Tensor: class {},
  } as unknown as Onnxruntime;
  try {
    for (const value of ["0", "65536"]) {
      Deno.env.set(variable, value);
      await openSession(ort, GRAPH, { device: "cpu", threads: 1 });
    }
  } finally {
    if (before === undefined) Deno.env.delete(variable);
    else Deno.env.set(variable, before);
  }
  equal(arenas, [false, true]);
});
