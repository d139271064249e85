/** The speed curve over the timeline: keyframes that are dragged, or moved by keyboard. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { parseRational, parseTime, toNumber } from "@slomo/core/time";
import {
  type Curve,
  curveOf,
  type KeyCurve,
  parseCurve,
  type Point,
  retimeOf,
  round,
  TIME_SETTINGS,
  withCurve,
} from "../shared/curve.ts";
import {
  addKey,
  asPositions,
  changeKey,
  type Edit,
  endedCurve,
  moveKey,
  plainCurve,
  removeKey,
  reversed,
} from "../shared/curve_edits.ts";
import { outputLength, speedAt } from "../shared/curve_shape.ts";
import { curveName, withLabels } from "../shared/settings.ts";
import type { Clip, Settings } from "../shared/types.ts";
import { save } from "./api.ts";
import { Chart, Keys, scaleOf } from "./curve_chart.tsx";
import { say, settings } from "./state.ts";
import { clock, count } from "./text.ts";
import { Button } from "./ui.tsx";

const NAMES: Readonly<Record<KeyCurve, string>> = { smooth: "Smooth", linear: "Linear", constant: "Constant" };

/** Returns the nearest frame and, close to it, the nearest power of two. */
function snapped({ x, y }: Point, curve: Curve, rate: number): Point {
  const octave = Math.log2(y), whole = Math.round(octave), isNear = Math.abs(octave - whole) < 0.08;
  return { x: Math.round(x * rate) / rate, y: curve.kind === "speed" && isNear ? 2 ** whole : y };
}

const timeSettings = (all: Settings): Settings =>
  Object.fromEntries(TIME_SETTINGS.flatMap((name) => all[name] === undefined ? [] : [[name, all[name]]]));

/** Edits the curve of the settings, and remembers those before for undo. */
function useCurve() {
  const done = useSignal<readonly Settings[]>([]), undone = useSignal<readonly Settings[]>([]);
  const restore = (from: Signal<readonly Settings[]>, to: Signal<readonly Settings[]>) => {
    const last = from.value.at(-1);
    if (!last) return;
    to.value = [...to.value, timeSettings(settings.value)];
    from.value = from.value.slice(0, -1);
    settings.value = { ...withCurve(settings.value, undefined), ...last };
  };
  return {
    canUndo: done.value.length > 0,
    canRedo: undone.value.length > 0,
    undo: () => restore(done, undone),
    redo: () => restore(undone, done),
    /** Keeps the present curve for undo. */
    remember() {
      done.value = [...done.value, timeSettings(settings.value)];
      undone.value = [];
    },
    set(curve: Curve | undefined) {
      settings.value = withCurve(settings.value, curve);
    },
  };
}

function readCurve(): { readonly curve?: Curve | undefined; readonly problem?: string } {
  try {
    return { curve: curveOf(settings.value) };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function Fields({ curve, index, onMove, onChange }: {
  readonly curve: Curve;
  readonly index: number;
  readonly onMove: (to: Point) => void;
  readonly onChange: (change: Parameters<typeof changeKey>[2]) => void;
}) {
  const { kind, keys } = curve, { x, y, curve: shape, hold } = keys[index]!, isSpeed = kind === "speed";
  const field = (label: string, value: number, use: (value: number) => void) => {
    const shown = `${round(value, 3)}`;
    return (
      <label key={label}>
        <span>{label}</span>
        <input
          type="text"
          inputMode="decimal"
          autocomplete="off"
          value={shown}
          onChange={({ currentTarget }) => {
            const given = parseRational(currentTarget.value) ?? parseTime(currentTarget.value);
            if (given) use(toNumber(given));
            currentTarget.value = shown;
          }}
        />
      </label>
    );
  };
  const shapes: readonly KeyCurve[] = isSpeed ? ["smooth", "linear", "constant"] : ["linear", "smooth"];
  return (
    <div class="key-fields" role="group" aria-label={`Keyframe ${index + 1} of ${keys.length}`}>
      {field(isSpeed ? "Time (s)" : "Output (s)", x, (x) => onMove({ x, y }))}
      {field(isSpeed ? "Speed" : "Source (s)", y, (y) => isSpeed && y === 0 ? onChange({ y }) : onMove({ x, y }))}
      <label>
        <span>To the next</span>
        <select value={shape} onChange={({ currentTarget }) => onChange({ curve: currentTarget.value as KeyCurve })}>
          {shapes.map((one) => <option key={one} value={one}>{NAMES[one]}</option>)}
        </select>
      </label>
      {isSpeed && field("Hold (s)", hold, (hold) => onChange({ hold: Math.max(0, Math.min(3600, hold)) }))}
    </div>
  );
}

/** The editor. `problem` is an error of the server about the curve; `length` is that of the source in seconds. */
export function CurveEditor({ clip, time, length, problem }: {
  readonly clip: Clip;
  readonly time: Signal<number>;
  readonly length: number;
  readonly problem: string | undefined;
}) {
  const edits = useCurve(), selected = useSignal(0), loading = useSignal(""), toFocus = useSignal(-1);
  /** Time at the right edge of the chart, which stays while a keyframe is dragged. */
  const dragged = useRef<number | undefined>(undefined);
  const editor = useRef<HTMLDivElement>(null),
    isOpen = useRef(settings.value.retime !== undefined),
    { curve: own, problem: wrong } = readCurve();
  const curve = own ?? plainCurve(length), last = curve.keys.at(-1)!.x;
  const wide = dragged.current ?? (curve.kind === "speed" ? length : Math.max(length, 1.1 * last));
  const scale = scaleOf(curve, wide, length), index = Math.min(selected.value, curve.keys.length - 1);
  /** The curve that an edit starts from: ranges become keyframes. */
  const base = () => endedCurve(curve, length);
  useEffect(() => {
    if (toFocus.value < 0) return;
    editor.current?.querySelector<HTMLElement>(`.key[data-index="${toFocus.value}"]`)?.focus();
    toFocus.value = -1;
  }, [toFocus.value]);

  const apply = ({ curve, index }: Edit, hasFocus = false) => {
    edits.remember();
    edits.set(curve);
    selected.value = index;
    if (hasFocus) toFocus.value = index;
  };
  const move = (index: number, to: Point) => apply(moveKey(base(), index, to, length));
  const add = (at: Point, hasFocus = false) => {
    const from = base(), edit = addKey(from, at, length);
    apply(edit, hasFocus);
    say(`Keyframe ${edit.index + 1} of ${edit.curve.keys.length}`);
  };
  /** Returns the point on the curve at the current time of the timeline, or in the middle of the selected span of positions. */
  const between = (): Point => {
    const from = base(), i = Math.min(index, from.keys.length - 2);
    if (from.kind === "speed") return { x: time.value, y: speedAt(from, time.value, length) };
    const a = from.keys[i]!, b = from.keys[i + 1]!;
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  const remove = (index: number) => {
    const edit = removeKey(base(), index);
    if (!edit) return clear();
    apply(edit, true);
    say(`Removed; ${count(edit.curve.keys.length, "keyframe")}`);
  };
  const clear = () => {
    edits.remember();
    edits.set(undefined);
    say("The video plays at its own speed");
  };
  const onDrag = (index: number, to: Point) => {
    if (dragged.current === undefined) {
      edits.remember();
      dragged.current = wide;
    }
    selected.value = index;
    edits.set(moveKey(base(), index, snapped(to, curve, clip.rate), length).curve);
  };
  const open = async (file: File | undefined) => {
    if (!file) return;
    try {
      apply({ curve: parseCurve(await file.text()), index: 0 });
      loading.value = "";
    } catch (error) {
      loading.value = `${file.name}: ${(error as Error).message}`;
    }
  };
  const download = () => {
    save(curveName(clip.name), `${JSON.stringify(retimeOf(curve), undefined, 2)}\n`);
    say(`Saved as ${curveName(clip.name)}`);
  };
  const becomes = own ? `${clock(length)} → ${clock(outputLength(own, length))}` : "as it is";
  const message = loading.value || wrong || (own && problem);
  return (
    <details class="curve" open={isOpen.current}>
      <summary>
        Speed curve <span class="muted number">{becomes}</span>
      </summary>
      <div
        ref={editor}
        class="curve-editor"
        onKeyDown={(event) => {
          const key = event.key.toLowerCase();
          if (!event.ctrlKey && !event.metaKey || event.target instanceof HTMLInputElement) return;
          if (key !== "z" && key !== "y") return;
          event.preventDefault();
          if (key === "y" || event.shiftKey) edits.redo();
          else edits.undo();
        }}
      >
        <Chart
          {...{ curve, scale, length, onDrag }}
          time={time.value}
          onAdd={(at) => add(snapped(at, curve, clip.rate), true)}
          onDrop={() => dragged.current = undefined}
        >
          <Keys {...{ curve, scale, length, selected }} rate={clip.rate} onMove={move} onRemove={remove} />
        </Chart>
        <div class="curve-row">
          <Fields
            key={`${curve.kind} ${index}`}
            curve={curve}
            index={index}
            onMove={(to) => move(index, to)}
            onChange={(change) => apply(changeKey(base(), index, change))}
          />
          <div class="curve-tools">
            <Button
              icon="plus"
              label={curve.kind === "speed" ? "Add a keyframe at the current time" : "Add a keyframe in between"}
              kind="quiet"
              onClick={() => add(between(), true)}
            />
            <Button
              icon="close"
              label="Remove the keyframe"
              kind="quiet"
              disabled={!own}
              onClick={() => remove(index)}
            />
            <Button icon="undo" label="Undo" kind="quiet" disabled={!edits.canUndo} onClick={edits.undo} />
            <Button icon="redo" label="Redo" kind="quiet" disabled={!edits.canRedo} onClick={edits.redo} />
          </div>
        </div>
        <div class="curve-row">
          <div class="curve-tools">
            <Button
              pressed={curve.kind === "position"}
              disabled={curve.kind === "position"}
              onClick={() => apply({ curve: asPositions(base(), length), index: 0 })}
            >
              Positions
            </Button>
            <Button onClick={() => apply({ curve: reversed(base(), length), index: 0 })}>Reverse</Button>
            <Button kind="quiet" disabled={!own} onClick={clear}>Clear</Button>
          </div>
          <div class="curve-tools">
            <label class="file quiet">
              <input
                type="file"
                accept=".json"
                onChange={({ currentTarget }) => {
                  open(currentTarget.files?.[0]).finally(() => currentTarget.value = "");
                }}
              />
              <span>Load</span>
            </label>
            <Button icon="download" kind="quiet" disabled={!own} onClick={download}>Save {curveName(clip.name)}</Button>
          </div>
        </div>
        {message && <p class="problem" role="alert">{withLabels(message)}</p>}
        <p class="hint">
          {curve.kind === "speed"
            ? "Click in the chart to add a keyframe; drag it in time and speed. Arrow keys move it, Delete removes it."
            : "The height is the time of the source, so that a falling line plays backward. Click to add a keyframe."}
        </p>
      </div>
    </details>
  );
}
