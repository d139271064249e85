import { deepStrictEqual as equal } from "node:assert/strict";
import { limitFiles, lowestLimit } from "./container.ts";

Deno.test("limitFiles() returns the files of a group and its parents, in both versions of control groups", () => {
  equal(limitFiles("0::/\n"), ["/sys/fs/cgroup//memory.max"]);
  equal(limitFiles("0::/system.slice/run-1.service\n"), [
    "/sys/fs/cgroup/system.slice/run-1.service/memory.max",
    "/sys/fs/cgroup/system.slice/memory.max",
    "/sys/fs/cgroup//memory.max",
  ]);
  equal(limitFiles("5:devices:/a\n4:cpu,memory:/a\n"), [
    "/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
    "/sys/fs/cgroup/memory//memory.limit_in_bytes",
  ]);
  equal(limitFiles(""), []);
});

Deno.test("lowestLimit() returns the lowest effective limit", () => {
  equal(lowestLimit("max\n4294967296\n8589934592\n"), 4294967296);
  equal(lowestLimit("max\n9223372036854771712\n"), undefined);
  equal(lowestLimit(""), undefined);
});
