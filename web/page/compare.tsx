/** Compares the result of a job with its source. */
import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { sourceTimes } from "../shared/curve_shape.ts";
import type { Clip, Settings } from "../shared/types.ts";
import { mediaUrl, readClip } from "./api.ts";
import { useFrameUrl, useLoaded } from "./hooks.ts";
import { folderOf, jobs, linkTo } from "./state.ts";
import { moment, rate } from "./text.ts";
import { Button, Heading, Icon, Loading, Notice, Slider, Steps } from "./ui.tsx";

const ZOOMS = [1, 2, 4, 8];

/** Seconds over which the speed is measured, and by which the sides may differ at the speed of the source. */
const SPAN = 0.02, DRIFT = 0.12;

function Still({ clip, time, className, label }: {
  readonly clip: Clip;
  readonly time: number;
  readonly className: string;
  readonly label: string;
}) {
  const last = Math.max(0, (clip.seconds ?? 0) - 1 / clip.rate);
  return <img class={className} src={useFrameUrl(clip.id, Math.min(time, last))} alt={label} />;
}

/** A video, or its frames as images if the browser cannot play it. */
function Side({ clip, time, player, className, label }: {
  readonly clip: Clip;
  readonly time: number;
  readonly player: RefObject<HTMLVideoElement>;
  readonly className: string;
  readonly label: string;
}) {
  const isPlayable = useSignal(true);
  return isPlayable.value
    ? (
      <video
        ref={player}
        class={className}
        src={mediaUrl(clip.id)}
        aria-label={label}
        muted
        playsInline
        preload="auto"
        onError={() => isPlayable.value = false}
        // A browser that knows only the audio of a file plays that.
        onLoadedMetadata={({ currentTarget }) => isPlayable.value = currentTarget.videoWidth > 0}
      />
    )
    : <Still clip={clip} time={time} className={className} label={label} />;
}

/** Keeps the place that is zoomed into while the pointer drags it. */
function usePan(zoom: Signal<number>) {
  const x = useSignal(0), y = useSignal(0);
  const limit = (value: number, size: number) =>
    Math.max(-size * (zoom.value - 1) / 2, Math.min(size * (zoom.value - 1) / 2, value));
  const by = (dx: number, dy: number, { width, height }: { readonly width: number; readonly height: number }) => {
    x.value = limit(x.value + dx, width);
    y.value = limit(y.value + dy, height);
  };
  return { x, y, by };
}

function Viewer({ source, result, settings }: Pair & { readonly settings: Settings }) {
  const wipe = useSignal(50), zoom = useSignal(1), time = useSignal(0), isPlaying = useSignal(false);
  const first = useRef<HTMLVideoElement>(null),
    second = useRef<HTMLVideoElement>(null),
    stage = useRef<HTMLDivElement>(null);
  const pan = usePan(zoom), grip = useRef<"wipe" | "pan" | undefined>(undefined);
  const step = 1 / result.rate, length = result.seconds ?? 0;
  // In slow motion and along a speed curve, the same frame is at another time.
  const sourceAt = useMemo(() => sourceTimes(settings, source.seconds ?? length, length), [settings, source, length]);

  const show = (to: number) => {
    time.value = Math.max(0, Math.min(length - step / 2, to));
    // The middle of a frame: its border may belong to either.
    const middle = time.value + step / 4;
    if (second.current) second.current.currentTime = middle;
    if (first.current) first.current.currentTime = sourceAt(middle);
  };
  const stepBy = (frames: number) => {
    stop();
    show((Math.round(time.value / step) + frames) * step);
  };
  const stop = () => {
    isPlaying.value = false;
    first.current?.pause();
    second.current?.pause();
  };
  const play = async () => {
    const videos = [first.current, second.current].filter((video) => video !== null);
    if (videos.length < 2) return;
    isPlaying.value = true;
    await Promise.all(videos.map((video) => video.play())).catch(stop);
  };

  useEffect(() => {
    if (!isPlaying.value) return;
    let frame = 0;
    const follow = () => {
      const [a, b] = [first.current, second.current];
      if (a && b) {
        time.value = Math.min(b.currentTime, length);
        const now = sourceAt(b.currentTime), speed = (sourceAt(b.currentTime + SPAN) - now) / SPAN;
        // Browsers play at these speeds; slower and backward, the source is moved to each frame.
        a.playbackRate = Math.max(0.0625, Math.min(16, speed));
        if (Math.abs(a.currentTime - now) > DRIFT * Math.max(speed, 0.25) && !a.seeking) a.currentTime = now;
        if (b.ended) {
          stop();
          show(0);
        }
      }
      frame = requestAnimationFrame(follow);
    };
    frame = requestAnimationFrame(follow);
    return () => cancelAnimationFrame(frame);
  }, [isPlaying.value]);

  const onKeyDown = (event: KeyboardEvent) => {
    const isField = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => stepBy(-1),
      ArrowRight: () => stepBy(1),
      " ": () => isPlaying.value ? stop() : play(),
      "+": () => setZoom(Math.min(8, zoom.value * 2)),
      "-": () => setZoom(Math.max(1, zoom.value / 2)),
    };
    const act = keys[event.key];
    if (!act || isField || event.target instanceof HTMLButtonElement && event.key === " ") return;
    event.preventDefault();
    act();
  };
  const setZoom = (to: number) => {
    const ratio = to / zoom.value, box = stage.current!.getBoundingClientRect();
    zoom.value = to;
    pan.by(pan.x.value * (ratio - 1), pan.y.value * (ratio - 1), box);
  };
  const onPointer = (event: PointerEvent) => {
    const box = stage.current!.getBoundingClientRect();
    if (event.type === "pointerdown") {
      const at = (event.clientX - box.left) / box.width * 100,
        isNear = Math.abs(at - wipe.value) < 100 * 24 / box.width;
      grip.current = zoom.value === 1 || isNear ? "wipe" : "pan";
      stage.current!.setPointerCapture(event.pointerId);
    } else if (event.type !== "pointermove") grip.current = undefined;
    if (grip.current === "wipe") wipe.value = Math.max(0, Math.min(100, (event.clientX - box.left) / box.width * 100));
    else if (grip.current === "pan" && event.type === "pointermove") pan.by(event.movementX, event.movementY, box);
  };
  const moved = { transform: `translate(${pan.x.value}px, ${pan.y.value}px) scale(${zoom.value})` };
  const at = (middle: number) => middle + step / 4;
  return (
    <section aria-label="Comparison" onKeyDown={onKeyDown}>
      <div
        ref={stage}
        class={`wipe${zoom.value > 1 ? " zoomed" : ""}`}
        style={{ aspectRatio: `${result.aspect}`, maxWidth: `calc(78vh * ${result.aspect})` }}
        tabIndex={0}
        role="group"
        aria-label="Source on the left, result on the right. Arrow keys step by one frame, space plays, plus and minus zoom."
        onPointerDown={onPointer}
        onPointerMove={onPointer}
        onPointerUp={onPointer}
        onPointerCancel={onPointer}
      >
        <div class="layer" style={moved}>
          <Side clip={result} time={at(time.value)} player={second} className="under" label="Result" />
        </div>
        <div class="clip" style={{ clipPath: `inset(0 ${100 - wipe.value}% 0 0)` }}>
          <div class="layer" style={moved}>
            <Side clip={source} time={sourceAt(at(time.value))} player={first} className="over" label="Source" />
          </div>
        </div>
        <div class="edge" style={{ left: `${wipe.value}%` }} aria-hidden="true" />
        <span class="tag left" aria-hidden="true">Source, {rate(source.rate)} fps</span>
        <span class="tag right" aria-hidden="true">Result, {rate(result.rate)} fps</span>
      </div>
      <div class="compare-controls">
        <Button
          icon={isPlaying.value ? "pause" : "play"}
          label={isPlaying.value ? "Pause" : "Play"}
          onClick={() => isPlaying.value ? stop() : play()}
        />
        <Steps noun="frame" onStep={stepBy} />
        <Slider
          label="Time"
          text={moment(time.value)}
          max={Math.max(step, length - step)}
          step={step}
          value={time.value}
          onChange={(to) => {
            stop();
            show(to);
          }}
        />
        <span class="number">{moment(time.value)}</span>
        <label class="inline">
          <span>Wipe</span>
          <Slider max={100} value={wipe.value} onChange={(to) => wipe.value = to} />
        </label>
        <label class="inline">
          <span>Zoom</span>
          <select value={zoom.value} onChange={({ currentTarget }) => setZoom(Number(currentTarget.value))}>
            {ZOOMS.map((one) => <option key={one} value={one}>{one} ×</option>)}
          </select>
        </label>
      </div>
    </section>
  );
}

/** The two videos of a job. */
interface Pair {
  readonly source: Clip;
  readonly result: Clip;
}

async function readPair(source: string, result: string): Promise<Pair> {
  const [a, b] = await Promise.all([readClip(source), readClip(result)]);
  return { source: a, result: b };
}

/** The view. */
export function CompareView({ id }: { readonly id: string }) {
  const job = jobs.value?.find((one) => one.id === id), { file, result, settings = {} } = job ?? {};
  const pair = useLoaded(file === undefined || result === undefined ? undefined : () => readPair(file, result), [
    file,
    result,
  ]);
  const back = <a href={linkTo("queue")}>Back to the queue</a>;
  return (
    <main id="main" class="compare">
      <div class="title">
        <Heading>{job?.name ?? "Compare"}</Heading>
        {result !== undefined && (
          <div class="actions">
            <a class="button" href={mediaUrl(result, true)} download>
              <Icon name="download" />Download
            </a>
            <a class="button quiet" href={linkTo("open", folderOf(result))}>
              <Icon name="folder" />Folder
            </a>
          </div>
        )}
      </div>
      {pair.problem
        ? <Notice title="The result cannot be shown" kind="error" actions={back}>{pair.problem}</Notice>
        : pair.value
        ? <Viewer {...pair.value} settings={settings} />
        : jobs.value && !job
        ? <Notice title="There is no such job" actions={back} />
        : job && result === undefined
        ? <Notice title="This job has no result yet" actions={back} />
        : <Loading what="Reading both videos" />}
    </main>
  );
}
