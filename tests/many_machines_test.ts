/** The templates in examples/many-machines for schedulers run the task `segments` as it is. */
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { testCases } from "./_more.ts";
import { SEGMENTS } from "./_segments.ts";
import { ffmpeg, inRepo, interpolate, list, withFolder } from "./_tools.ts";
import { ON_WINDOWS, testUnless } from "./_unless.ts";

const PYTHON = Deno.env.get("SLOMO_PYTHON") ?? "python3";

/** Stands in for Slurm's: runs each task of an array at once, and prints a number. */
const SBATCH = `#!/bin/sh
array=0
for arg; do
  case $arg in --array=*) array=\${arg#--array=}; array=\${array%\\%*};; esac
  last=$arg
done
for SLURM_ARRAY_TASK_ID in $(seq -s ' ' \${array%-*} \${array#*-}); do
  export SLURM_ARRAY_TASK_ID
  sh -c "$last" || exit 1
done
echo 17
`;

/** Environment of slurm.sh by output. */
type Output = readonly [output: string, env: Record<string, string>];
const IN_SHARDS: Output = ["shards.mp4", { SHARDS: "2" }], IN_ONE_PASS: Output = ["out.mp4", {}];

testCases("slurm.sh makes a video with an array job", [IN_SHARDS], [IN_ONE_PASS], async (_, outputs) => {
  await withFolder(async (folder, at) => {
    await ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=24:d=1", "-pix_fmt", "yuv420p", at("in.mp4"));
    await Deno.mkdir(at("bin"));
    await Deno.writeTextFile(at("bin/sbatch"), SBATCH, { mode: 0o755 });
    await Deno.writeTextFile(
      at("bin/slomo"),
      `#!/bin/sh\ntask=$1\nshift\nexec "${Deno.execPath()}" run -A --no-check "${inRepo("scripts")}/$task.ts" "$@"\n`,
      { mode: 0o755 },
    );
    for (const [output, env] of outputs) {
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: [inRepo("examples/many-machines/slurm.sh"), "in.mp4", output, ...SEGMENTS],
        cwd: folder,
        env: { ...env, PATH: `${at("bin")}:${Deno.env.get("PATH")}`, SLOMO: "slomo" },
      }).output();
      equal([code, new TextDecoder().decode(stdout)], [0, "17\n"], new TextDecoder().decode(stderr));
    }
    const single = await interpolate([at("in.mp4"), at("single.mp4"), ...SEGMENTS]);
    equal(single.code, 0, single.err);
    for (const [output] of outputs) {
      equal(await Deno.readFile(at(output)), await Deno.readFile(at("single.mp4")));
    }
    equal(await list(folder), ["bin", "in.mp4", ...outputs.map(([output]) => output), "single.mp4"]);
  });
}, ON_WINDOWS);

/** Why the OpenJD template cannot be validated here. */
const { success } = await new Deno.Command(PYTHON, { args: ["-c", "import openjd.model, yaml"], stderr: "null" })
  .output()
  .catch(() => ({ success: false }));

testUnless(success ? undefined : "Python's openjd-model is not installed", "openjd.yaml is a valid job", async () => {
  const code = `
import json, sys, yaml
from openjd.model import create_job, decode_job_template, ParameterValue, ParameterValueType as Type
template = decode_job_template(template=yaml.safe_load(open(sys.argv[1])))
job = create_job(job_template=template, job_parameter_values={
  "Folder": ParameterValue(type=Type.PATH, value="/videos/out.mp4.segments"),
  "LastSegment": ParameterValue(type=Type.INT, value="15"),
  "Slomo": ParameterValue(type=Type.PATH, value="/opt/slomo/deno.json"),
})
print([step.name for step in job.steps], str(job.steps[0].parameterSpace.taskParameterDefinitions["Segment"].range))
`;
  const args = ["-c", code, inRepo("examples/many-machines/openjd.yaml")];
  const { stdout, stderr } = await new Deno.Command(PYTHON, { args }).output();
  equal(new TextDecoder().decode(stdout).trim(), "['Make', 'Join'] 0-15", new TextDecoder().decode(stderr));
});

Deno.test("kubernetes.yaml makes the segment of its index", async () => {
  const text = await Deno.readTextFile(inRepo("examples/many-machines/kubernetes.yaml"));
  const [, list] = /command:\s+(\[[^\]]+\])/.exec(text)!;
  const [deno, task, ...args] = JSON.parse(list!) as string[];
  equal([deno, task], ["deno", "task"]);
  equal(args, ["segments", "make", "/videos/out.mp4.segments", "$(JOB_COMPLETION_INDEX)", "--quiet"]);
  match(text, /completionMode: Indexed\n {2}completions: 1\n/);
  ok((await Deno.readTextFile(inRepo("deno.json"))).includes('"segments":'));
});
