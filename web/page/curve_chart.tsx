/** The chart of a speed curve. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Curve, Point } from "../shared/curve.ts";
import { lineOf } from "../shared/curve_shape.ts";
import { moment } from "./text.ts";

/** Lowest and highest speed of the chart. */
const SPEEDS = { low: 1 / 32, high: 8 } as const;

/** Speeds of the lines of the chart. */
const MARKS = [[4, "4×"], [1, "1×"], [1 / 4, "¼×"], [1 / 16, "1⁄16×"]] as const;

const HEIGHT = Math.log2(SPEEDS.high / SPEEDS.low);

/** Returns a speed for people: `0.25×`. */
const speedText = (speed: number) => `${Number(speed.toPrecision(3))}×`;

/** Converts between values of a curve and shares of the chart, from its upper left corner. */
export interface Scale {
  /** Returns the share of the width. */
  readonly x: (value: number) => number;
  /** Returns the share of the height. */
  readonly y: (value: number) => number;
  /** Returns the values at shares of the width and the height. */
  readonly value: (x: number, y: number) => Point;
}

/** Returns the scale of a curve. @param wide Time at the right edge. @param length Length of the source in seconds. */
export function scaleOf(curve: Curve, wide: number, length: number): Scale {
  const clamp = (share: number) => Math.max(0, Math.min(1, share));
  const x = (value: number) => clamp(value / wide);
  if (curve.kind === "position") {
    return { x, y: (value) => clamp(1 - value / length), value: (x, y) => ({ x: x * wide, y: (1 - y) * length }) };
  }
  return {
    x,
    y: (value) => clamp(Math.log2(SPEEDS.high / Math.max(value, 1e-6)) / HEIGHT),
    value: (x, y) => ({ x: x * wide, y: SPEEDS.high * 2 ** (-clamp(y) * HEIGHT) }),
  };
}

/** The keyframes: sliders of two dimensions, for the mouse, fingers and the keyboard. */
export function Keys({ curve, scale, length, selected, rate, onMove, onRemove }: {
  readonly curve: Curve;
  readonly scale: Scale;
  readonly length: number;
  readonly selected: Signal<number>;
  readonly rate: number;
  readonly onMove: (index: number, to: Point) => void;
  readonly onRemove: (index: number) => void;
}) {
  const { kind, keys } = curve;
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const { x, y } = keys[index]!, frames = event.shiftKey ? 10 : 1, octaves = event.shiftKey ? 1 : 1 / 4;
    const by = (value: number, direction: 1 | -1) => (Math.round(value * rate) + direction * frames) / rate;
    const up = (direction: 1 | -1) => {
      if (kind === "position") return onMove(index, { x, y: by(y, direction) });
      const steps = Math.log2(Math.max(y, SPEEDS.low)) / octaves,
        next = direction === 1 ? Math.floor(steps + 1.01) : Math.ceil(steps - 1.01);
      onMove(index, { x, y: 2 ** (next * octaves) });
    };
    const actions: Record<string, () => void> = {
      ArrowLeft: () => onMove(index, { x: by(x, -1), y }),
      ArrowRight: () => onMove(index, { x: by(x, 1), y }),
      ArrowUp: () => up(1),
      ArrowDown: () => up(-1),
      Delete: () => onRemove(index),
      Backspace: () => onRemove(index),
    };
    const act = actions[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  return (
    <>
      {keys.map(({ x, y }, index) => (
        <div
          key={index}
          class={`key${index === selected.value ? " on" : ""}`}
          style={{ left: `${100 * scale.x(x)}%`, top: `${100 * scale.y(y)}%` }}
          data-index={index}
          tabIndex={0}
          role="slider"
          aria-orientation="vertical"
          aria-label={`Keyframe ${index + 1} of ${keys.length}`}
          aria-valuemin={0}
          aria-valuemax={kind === "speed" ? 1000 : length}
          aria-valuenow={y}
          aria-valuetext={kind === "speed"
            ? `${moment(x)}, speed ${speedText(y)}`
            : `output ${moment(x)}, source ${moment(y)}`}
          onFocus={() => selected.value = index}
          onKeyDown={(event) => onKeyDown(event, index)}
          onDblClick={() => onRemove(index)}
        />
      ))}
    </>
  );
}

/** The chart: a click adds a keyframe, and keyframes are dragged. */
export function Chart({ curve, scale, length, time, children, onAdd, onDrag, onDrop }: {
  readonly curve: Curve;
  readonly scale: Scale;
  readonly length: number;
  readonly time: number;
  readonly children: ComponentChildren;
  readonly onAdd: (at: Point) => void;
  readonly onDrag: (index: number, to: Point) => void;
  readonly onDrop: () => void;
}) {
  const plot = useRef<HTMLDivElement>(null), grip = useRef<number | undefined>(undefined);
  const valueAt = ({ clientX, clientY }: MouseEvent) => {
    const { left, top, width, height } = plot.current!.getBoundingClientRect();
    return scale.value((clientX - left) / width, (clientY - top) / height);
  };
  const keyOf = (event: Event) => (event.target as HTMLElement).closest<HTMLElement>(".key");
  const line = lineOf(curve, length).map(({ x, y }, i) =>
    `${i === 0 ? "M" : "L"}${(1000 * scale.x(x)).toFixed(1)} ${(100 * scale.y(y)).toFixed(2)}`
  ).join("");
  const release = () => {
    if (grip.current === undefined) return;
    grip.current = undefined;
    onDrop();
  };
  return (
    <div
      class="chart"
      role="group"
      aria-label={curve.kind === "speed" ? "Speed over the source" : "Source over the output"}
      onClick={(event) => keyOf(event) || onAdd(valueAt(event))}
      onPointerDown={(event) => {
        const key = keyOf(event);
        if (!key || event.button !== 0) return;
        grip.current = Number(key.dataset.index);
        key.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => grip.current !== undefined && onDrag(grip.current, valueAt(event))}
      onPointerUp={release}
      onPointerCancel={release}
    >
      <div class="plot" ref={plot}>
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
          {curve.kind === "speed" &&
            MARKS.map(([speed]) => <path key={speed} class="mark" d={`M0 ${100 * scale.y(speed)}H1000`} />)}
          {curve.kind === "speed" && <path class="now" d={`M${1000 * scale.x(time)} 0V100`} />}
          <path class="line" d={line} />
        </svg>
        {curve.kind === "speed" &&
          MARKS.map(([speed, text]) => (
            <span key={speed} class="mark" style={{ top: `${100 * scale.y(speed)}%` }} aria-hidden="true">{text}</span>
          ))}
        {children}
      </div>
    </div>
  );
}
