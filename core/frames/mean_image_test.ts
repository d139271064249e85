import { deepStrictEqual as equal, ok } from "node:assert/strict";
import type { Image } from "../contracts/frame.ts";
import { meanImage } from "./mean_image.ts";

const gray = (level: number, transfer?: string, depth = 8): Image => ({
  ...{ width: 1, height: 1, format: { model: "gray", depth, chroma: [1, 1], alpha: false } },
  ...{ color: { transfer }, planes: [depth > 8 ? new Uint16Array([level]) : new Uint8Array([level])] },
});
const rgba = (...values: number[]): Image => ({
  ...{
    width: 1,
    height: 1,
    format: { model: "rgb", depth: 8, chroma: [1, 1], alpha: true },
    color: { transfer: "linear" },
  },
  planes: values.map((value) => new Uint8Array([value])),
});
const levelOf = ({ planes }: Image) => planes[0]![0]!;

Deno.test("meanImage() averages light by the transfer characteristic", () => {
  // Half of the light of white: H.273, table 3, by hand.
  const half = { "iec61966-2-1": 188, bt709: 180, linear: 128, gamma22: 186, "arib-std-b67": 222 };
  for (const [transfer, level] of Object.entries(half)) {
    const found = levelOf(meanImage([gray(0, transfer), gray(255, transfer)]));
    ok(Math.abs(found - level) <= 1, `${transfer}: ${found}`);
  }
  equal(levelOf(meanImage([gray(0), gray(255)])), levelOf(meanImage([gray(0, "bt709"), gray(255, "bt709")])));
  // 5000 of 10000 cd/m² in PQ.
  const pq = levelOf(meanImage([gray(0, "smpte2084", 10), gray(1023, "smpte2084", 10)]));
  ok(Math.abs(pq - 948) <= 1, `${pq}`);
});

Deno.test("meanImage() keeps equal images, at every level and in every format", () => {
  for (const transfer of ["bt709", "iec61966-2-1", "smpte2084", "arib-std-b67", "gamma28"]) {
    for (const level of [0, 1, 2, 17, 128, 254, 255]) {
      equal(levelOf(meanImage([gray(level, transfer), gray(level, transfer)])), level, `${transfer} ${level}`);
    }
  }
  const yuv: Image = {
    ...{ width: 4, height: 2, format: { model: "yuv", depth: 8, chroma: [2, 2], alpha: false }, color: {} },
    planes: [new Uint8Array([16, 40, 90, 235, 17, 60, 250, 5]), new Uint8Array([100, 140]), new Uint8Array([128, 90])],
  };
  const mean = meanImage([yuv, { ...yuv, planes: yuv.planes.map((plane) => plane.slice()) as Image["planes"] }]);
  mean.planes.forEach((plane, i) => plane.forEach((value, k) => ok(Math.abs(value - yuv.planes[i]![k]!) <= 1)));
  ok(meanImage([yuv, yuv]) === yuv);
});

Deno.test("meanImage() weights colors by alpha", () => {
  equal(meanImage([rgba(200, 100, 0, 255), rgba(0, 0, 0, 0)]).planes.map(([value]) => value), [200, 100, 0, 128]);
  equal(meanImage([rgba(200, 100, 0, 255), rgba(100, 0, 0, 255)]).planes.map(([value]) => value), [150, 50, 0, 255]);
});
