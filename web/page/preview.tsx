/** The stage: the frame at a time of the clip, and previews of interpolated frames there. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Clip, type Preview, type View, VIEWS } from "../shared/types.ts";
import { client, read } from "./api.ts";
import { useFrameUrl } from "./hooks.ts";
import { app, say, settings } from "./state.ts";
import { count, moment } from "./text.ts";
import { Button, Loading, Slider } from "./ui.tsx";

/** Sizes of previews in pixels: small enough for two seconds on two cores, or that of the clip. */
const SIZES = { quick: 640 * 360, full: 8192 * 8192 };

/** Frames of the loop per second. */
const LOOP_RATE = 10;

const LABELS: Readonly<Record<View, string>> = {
  interpolated: "Interpolated",
  blend: "Blend",
  backward: "Backward flow",
  forward: "Forward flow",
  visibility: "Visibility",
  difference: "Difference",
};

const HINTS: Readonly<Record<View, string>> = {
  interpolated: "The frames as they are written.",
  blend: "A cross-fade of the two source frames, for comparison.",
  backward: "Optical flow to the first source frame. The hue is the direction, the saturation the length.",
  forward: "Optical flow to the second source frame. The hue is the direction, the saturation the length.",
  visibility: "White shows the first source frame, black the second one.",
  difference: "Interpolated frame minus blend, twice as strong.",
};

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The preview of one model. */
interface Shown {
  readonly model: string;
  readonly preview: Preview | undefined;
  readonly problem: string;
}

/** Draws images of a preview; keeps those that it has fetched. */
function Canvas({ preview, view, index, label }: {
  readonly preview: Preview;
  readonly view: View;
  readonly index: number;
  readonly label: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null), kept = useRef(new Map<string, Promise<ImageData>>());
  const fetchImage = (view: View, index: number) => {
    const key = `${view} ${index}`;
    const found = kept.current.get(key) ?? (async () => {
      const response = await client.api.previews[":id"].$get({
        param: { id: preview.id },
        query: { view, index: `${index}` },
      });
      const pixels = new Uint8ClampedArray(await (response as Response).arrayBuffer());
      return new ImageData(pixels, preview.width, preview.height);
    })();
    kept.current.set(key, found);
    found.catch(() => kept.current.delete(key));
    return found;
  };
  useEffect(() => {
    let isCurrent = true;
    fetchImage(view, index).then(
      (image) => isCurrent && canvas.current?.getContext("2d")?.putImageData(image, 0, 0),
      () => {},
    );
    return () => isCurrent = false;
  }, [preview.id, view, index]);
  useEffect(() => {
    for (let i = 0; i <= preview.times.length + 1; i++) fetchImage(view, i).catch(() => {});
  }, [preview.id, view]);
  return <canvas ref={canvas} width={preview.width} height={preview.height} role="img" aria-label={label} />;
}

function Pane({ clip, shown, view, index }: {
  readonly clip: Clip;
  readonly shown: Shown;
  readonly view: View;
  readonly index: number;
}) {
  const { model, preview, problem } = shown, name = model || "default";
  const hasView = preview && (preview.hasFlow || view === "interpolated" || view === "blend" || view === "difference");
  return (
    <figure class="pane">
      <div class="frame" style={{ aspectRatio: `${clip.aspect}` }}>
        {problem
          ? <p class="problem" role="alert">{problem}</p>
          : !preview
          ? <Loading what="Interpolating" />
          : hasView
          ? (
            <Canvas
              key={preview.id}
              preview={preview}
              view={view}
              index={index}
              label={`${LABELS[view]}, model ${name}, frame ${index + 1}`}
            />
          )
          : <p class="muted">This model has no optical flow to show.</p>}
      </div>
      <figcaption>
        <span>{name}</span>
        {preview && <span class="number muted">{preview.seconds.toFixed(1)} s</span>}
      </figcaption>
    </figure>
  );
}

/** The source frame at a time, until there is a preview. */
function Still({ clip, time }: { readonly clip: Clip; readonly time: number }) {
  const src = useFrameUrl(clip.id, time), failed = useSignal("");
  return (
    <figure class="pane">
      <div class="frame" style={{ aspectRatio: `${clip.aspect}` }}>
        {failed.value === src
          ? <p class="muted">There is no frame here.</p>
          : <img src={src} alt={`Frame at ${moment(time)}`} onError={() => failed.value = src} />}
      </div>
      <figcaption>
        <span>Source</span>
      </figcaption>
    </figure>
  );
}

function Views({ view }: { readonly view: Signal<View> }) {
  return (
    <fieldset class="segments">
      <legend class="hidden">View</legend>
      {VIEWS.map((one) => (
        <label key={one}>
          <input type="radio" name="view" checked={view.value === one} onChange={() => view.value = one} />
          <span>{LABELS[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Player({ count, index }: { readonly count: number; readonly index: Signal<number> }) {
  const isPlaying = useSignal(!isCalm());
  useEffect(() => {
    if (!isPlaying.value) return;
    const timer = setInterval(() => index.value = (index.value + 1) % (count + 2), 1000 / LOOP_RATE);
    return () => clearInterval(timer);
  }, [isPlaying.value, count]);
  const now = index.value, t = now / (count + 1);
  const text = now === 0
    ? "first source frame"
    : now > count
    ? "second source frame"
    : `interpolated, t = ${t.toFixed(2)}`;
  return (
    <div class="player">
      <Button
        icon={isPlaying.value ? "pause" : "play"}
        label={isPlaying.value ? "Stop the loop" : "Play the loop"}
        onClick={() => isPlaying.value = !isPlaying.value}
      />
      <Slider
        label="Position between the source frames"
        text={text}
        max={count + 1}
        value={now}
        onChange={(to) => {
          isPlaying.value = false;
          index.value = to;
        }}
      />
      <span class="number muted position">{text}</span>
    </div>
  );
}

/** The stage and its controls. */
export function Stage({ clip, time }: { readonly clip: Clip; readonly time: Signal<number> }) {
  const panes = useSignal<readonly Shown[]>([]), view = useSignal<View>("interpolated"), index = useSignal(0);
  const chosen = useSignal<readonly string[]>([`${settings.value.model ?? ""}`]);
  const between = useSignal(3), size = useSignal<keyof typeof SIZES>("quick"), made = useSignal(3), run = useRef(0);
  const models = ["", ...app.value!.models], isBusy = panes.value.some(({ preview, problem }) => !preview && !problem);

  useEffect(() => {
    run.current++;
    panes.value = [];
  }, [time.value]);

  const make = async () => {
    const id = ++run.current, moment = time.value, wanted = models.filter((model) => chosen.value.includes(model));
    index.value = 0;
    made.value = between.value;
    panes.value = wanted.map((model) => ({ model, preview: undefined, problem: "" }));
    for (const model of wanted) {
      const { model: _, ...others } = settings.value,
        json = {
          file: clip.id,
          settings: model === "" ? others : { ...others, model },
          time: moment,
          count: between.value,
          most: SIZES[size.value],
        };
      const result = await read(client.api.previews.$post({ json })).then(
        (preview) => ({ preview: preview as Preview, problem: "" }),
        (error: Error) => ({ preview: undefined, problem: error.message }),
      );
      if (run.current !== id) return;
      panes.value = panes.value.map((pane) => pane.model === model ? { ...pane, ...result } : pane);
    }
    say(`${count(wanted.length, "preview")} at ${moment.toFixed(2)} seconds`);
  };
  const toggle = (model: string, isOn: boolean) => {
    const others = chosen.value.filter((one) => one !== model);
    if (isOn || others.length > 0) chosen.value = isOn ? [...others, model] : others;
    else chosen.value = [model];
  };
  return (
    <section class="stage" aria-label="Preview">
      <div class={`panes of-${Math.min(3, Math.max(1, panes.value.length))}`}>
        {panes.value.length === 0
          ? <Still clip={clip} time={time.value} />
          : panes.value.map((shown) => (
            <Pane key={shown.model} clip={clip} shown={shown} view={view.value} index={index.value} />
          ))}
      </div>
      {panes.value.length > 0 && (
        <div class="stage-controls">
          <Views view={view} />
          <p class="hint">{HINTS[view.value]}</p>
          <Player key={run.current} count={made.value} index={index} />
        </div>
      )}
      <div class="make">
        <Button kind="primary" icon="film" disabled={isBusy} onClick={make}>Preview this moment</Button>
        <fieldset class="models">
          <legend class="hidden">Models</legend>
          {models.map((model) => (
            <label key={model} class="check">
              <input
                type="checkbox"
                checked={chosen.value.includes(model)}
                onChange={({ currentTarget }) => toggle(model, currentTarget.checked)}
              />
              <span>{model || "default"}</span>
            </label>
          ))}
        </fieldset>
        <label class="inline">
          <span>Frames between</span>
          <select value={between.value} onChange={({ currentTarget }) => between.value = Number(currentTarget.value)}>
            {[1, 3, 7, 15].map((n) => <option key={n} value={n}>{n}</option>)}
          </select>
        </label>
        <label class="inline">
          <span>Size</span>
          <select
            value={size.value}
            onChange={({ currentTarget }) => size.value = currentTarget.value as keyof typeof SIZES}
          >
            <option value="quick">quick</option>
            <option value="full">full</option>
          </select>
        </label>
      </div>
    </section>
  );
}
