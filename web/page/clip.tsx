/** The view of one clip: its timeline, previews, facts, settings and plan. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Clip, type Found, THUMBNAILS } from "../shared/types.ts";
import { listen, readClip, thumbnailUrl } from "./api.ts";
import { CurveEditor } from "./curve.tsx";
import { useLoaded } from "./hooks.ts";
import { type OptionProblem, Options } from "./options.tsx";
import { PlanCard } from "./plan.tsx";
import { Stage } from "./preview.tsx";
import { linkTo, settings, settleFor } from "./state.ts";
import { clock, count, moment, rate, size } from "./text.ts";
import { Button, Heading, Loading, Notice, Slider, Steps } from "./ui.tsx";

/** Cuts and duplicates that were found so far. */
interface Findings {
  readonly time: number;
  readonly cuts: readonly number[];
  readonly duplicates: readonly number[];
  readonly isDone: boolean;
  readonly problem: string;
}

const NOTHING: Findings = { time: 0, cuts: [], duplicates: [], isDone: false, problem: "" };

/** Reads the clip in the background. */
function useFindings(id: string): Signal<Findings> {
  const findings = useSignal(NOTHING), threshold = settings.value.cuts;
  useEffect(() => {
    findings.value = NOTHING;
    const wanted = typeof threshold === "string" && /^\d+(\.\d+)?$/.test(threshold) ? `&threshold=${threshold}` : "";
    const stop = listen<Found>(
      `/api/scan?id=${encodeURIComponent(id)}${wanted}`,
      ({ time, cuts, duplicates, isDone }) => {
        const all = findings.value;
        findings.value = {
          ...all,
          time,
          cuts: [...all.cuts, ...cuts],
          duplicates: [...all.duplicates, ...duplicates],
          isDone,
        };
        if (isDone) stop();
      },
      (problem) => findings.value.isDone || (findings.value = { ...findings.value, problem }),
    );
    return stop;
  }, [id, threshold]);
  return findings;
}

function Marks(
  { times, length, kind }: { readonly times: readonly number[]; readonly length: number; readonly kind: string },
) {
  const path = times.map((time) => `M${(1000 * time / length).toFixed(2)} 0V10`).join("");
  return <path class={kind} d={path} />;
}

function Thumbnails({ clip }: { readonly clip: Clip }) {
  return (
    <div class="thumbnails" aria-hidden="true">
      {Array.from({ length: THUMBNAILS }, (_, index) => (
        <img
          key={index}
          src={thumbnailUrl(clip.id, index)}
          alt=""
          loading="lazy"
          decoding="async"
          onError={({ currentTarget }) => currentTarget.style.visibility = "hidden"}
        />
      ))}
    </div>
  );
}

function Timeline({ clip, time, findings }: {
  readonly clip: Clip;
  readonly time: Signal<number>;
  readonly findings: Signal<Findings>;
}) {
  const { cuts, duplicates, isDone, problem, time: read } = findings.value,
    length = clip.seconds || read || 1,
    step = 1 / clip.rate;
  const to = (direction: 1 | -1) => {
    const stops = [0, ...cuts].sort((a, b) => a - b), now = time.value;
    const next = direction === 1
      ? stops.find((stop) => stop > now + step / 2)
      : stops.findLast((stop) => stop < now - step / 2);
    if (next !== undefined) time.value = next;
  };
  return (
    <div class="timeline">
      <Thumbnails clip={clip} />
      <div class="track">
        <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
          <rect class="read" width={isDone ? 1000 : 1000 * Math.min(1, read / length)} height="10" />
          <Marks times={duplicates} length={length} kind="duplicate" />
          <Marks times={cuts} length={length} kind="cut" />
        </svg>
        <Slider
          label="Moment"
          text={moment(time.value)}
          max={Math.max(step, length - step)}
          step={step}
          value={time.value}
          onChange={(to) => time.value = to}
        />
      </div>
      <div class="timeline-row">
        <span class="number">{moment(time.value)}</span>
        <Steps
          noun="cut"
          kind="quiet"
          onStep={to}
          isFirst={cuts.length === 0 && time.value === 0}
          isLast={cuts.length === 0}
        />
        <span class="muted found">
          {problem ||
            `${count(cuts.length, "cut")}, ${count(duplicates.length, "duplicate")}${isDone ? "" : " so far"}`}
        </span>
        <span class="number muted">{moment(length)}</span>
      </div>
    </div>
  );
}

function FactList({ clip }: { readonly clip: Clip }) {
  const rows: readonly (readonly [string, string])[] = [
    ["Container", `${clip.container}, ${size(clip.bytes)}`],
    ["Video", `${clip.codec}, ${clip.depth} bit, ${clip.color}`],
    ["Rate", `${rate(clip.rate)} frames per second${clip.isConstant ? "" : " on average, variable"}`],
    ...clip.streams.map(({ kind, text }) => [kind[0]!.toUpperCase() + kind.slice(1), text] as const),
  ];
  return (
    <section class="facts" aria-label="Facts">
      <h2>File</h2>
      <dl>
        {rows.map(([name, text], index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {clip.notes.length > 0 && <ul class="remarks">{clip.notes.map((note) => <li key={note}>{note}</li>)}</ul>}
    </section>
  );
}

function Work({ clip }: { readonly clip: Clip }) {
  const time = useSignal(0), findings = useFindings(clip.id), problem = useSignal<OptionProblem | undefined>(undefined);
  const length = clip.seconds === undefined ? "" : `, ${clock(clip.seconds)}`,
    { option, message } = problem.value ?? {};
  return (
    <main id="main" class="work">
      <div class="title">
        <Heading>{clip.name}</Heading>
        <p class="muted">{clip.width} × {clip.height}, {rate(clip.rate)} fps{length}</p>
      </div>
      <div class="view">
        <Stage clip={clip} time={time} />
        <CurveEditor
          clip={clip}
          time={time}
          length={clip.seconds || findings.value.time || 1}
          problem={option === "retime" ? message : undefined}
        />
        <Timeline clip={clip} time={time} findings={findings} />
      </div>
      <aside class="side" aria-label="Settings">
        <Options serverProblem={problem.value} />
        <PlanCard clip={clip} problem={problem} />
      </aside>
      <FactList clip={clip} />
    </main>
  );
}

/** The view. */
export function ClipView({ id }: { readonly id: string }) {
  const clip = useLoaded(async () => {
    const clip = await readClip(id);
    settleFor(clip.id);
    return clip;
  }, [id]);
  if (clip.value) return <Work clip={clip.value} />;
  return (
    <main id="main">
      <Heading>{id.split("/").at(-1)}</Heading>
      {clip.problem
        ? (
          <Notice
            title="This file cannot be opened"
            kind="error"
            actions={
              <>
                <Button icon="retry" onClick={clip.retry}>Try again</Button>
                <a href={linkTo("open")}>Other videos</a>
              </>
            }
          >
            {clip.problem}
          </Notice>
        )
        : <Loading what="Reading the file" />}
    </main>
  );
}
