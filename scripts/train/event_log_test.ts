import { encode } from "fast-png";
import { deepStrictEqual as equal } from "node:assert/strict";
import { openEventLog } from "./event_log.ts";
import { testUnless } from "../../tests/_unless.ts";

/** A Python that has TensorBoard: `$SLOMO_PYTHON`, or `python3`. */
const PYTHON = Deno.env.get("SLOMO_PYTHON") ?? "python3";

async function python(code: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(PYTHON, { args: ["-c", code, ...args], stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}

const hasTensorboard = await python("import tensorboard") !== undefined;

const READ = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]).Reload()
scalars = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
images = {tag: [(e.step, e.width, e.height, len(e.encoded_image_string)) for e in events.Images(tag)]
            for tag in events.Tags()["images"]}
print(json.dumps([scalars, images]))
`;

testUnless(
  hasTensorboard ? undefined : `${PYTHON} has no tensorboard; install it or set SLOMO_PYTHON`,
  "openEventLog() writes events that TensorBoard reads",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "slomo-events-" });
    try {
      const log = await openEventLog(folder);
      await log.scalars(10, { "loss/total": 0.5, "run/rate": 0.25 });
      await log.scalars(200, { "loss/total": 0.125 });
      const png = encode({ width: 3, height: 2, data: new Uint8Array(18), channels: 3, depth: 8 });
      await log.image(200, "validation/sheet", { width: 3, height: 2, png });
      log.close();
      const [scalars, images] = JSON.parse((await python(READ, folder))!);
      equal(scalars, { "loss/total": [[10, 0.5], [200, 0.125]], "run/rate": [[10, 0.25]] });
      equal(images, { "validation/sheet": [[200, 3, 2, png.length]] });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
