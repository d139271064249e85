import { deepStrictEqual as equal } from "node:assert/strict";
import { costTexts } from "./cost.ts";

Deno.test("costTexts() are unknown if the cost cannot be measured, and not measured forever", () => {
  const cost = { pair: 2, frame: 1, parallel: 2, memory: 3e8 };
  equal(costTexts(undefined, [1, 1]), { time: "measuring", memory: undefined });
  equal(costTexts(cost, [4, 8]), { time: "about 8.0 s", memory: "about 300 MB" });
  equal(costTexts(cost, undefined), { time: undefined, memory: "about 300 MB" });
  equal(costTexts({ problem: "it has only one frame" }, [0, 0]), { time: "unknown", memory: "unknown" });
});
