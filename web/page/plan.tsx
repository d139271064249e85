/** The plan of a conversion, live, and the way into the queue. */
import { type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import {
  commandLine,
  completeName,
  curveName,
  type Format,
  FORMATS,
  outputOf,
  resultName,
  withLabels,
} from "../shared/settings.ts";
import type { Clip, Cost, Plan } from "../shared/types.ts";
import { client, read, type ServerError } from "./api.ts";
import { costTexts, type Measured } from "./cost.ts";
import { type OptionProblem, problems } from "./options.tsx";
import { app, copy, linkTo, say, settings } from "./state.ts";
import { clock, rate } from "./text.ts";
import { Button } from "./ui.tsx";

/** Milliseconds after the last change until the plan is asked for. */
const PAUSE = 200;

function Row({ name, children }: { readonly name: string; readonly children: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children ?? "–"}</dd>
    </div>
  );
}

const arrow = (from: string | undefined, to: string | undefined) =>
  from && to && (from === to ? to : `${from} → ${to}`);

function Facts({ plan, cost }: { readonly plan: Plan | undefined; readonly cost: Measured | undefined }) {
  const { input, output } = plan?.estimate ?? {};
  const shown = <T,>(value: T | undefined, text: (value: T) => string) => value === undefined ? undefined : text(value);
  const counts = input?.frames !== undefined && output?.frames !== undefined
    ? [input.frames - 1, Math.max(0, output.frames - input.frames)] as const
    : undefined;
  const { time, memory } = costTexts(cost, counts);
  const number = (n: number) => n.toLocaleString("en");
  return (
    <dl class="plan-facts" aria-live="off">
      <Row name="Length">{arrow(shown(input?.seconds, clock), shown(output?.seconds, clock))}</Row>
      <Row name="Rate">
        {arrow(shown(input?.rate, rate), output && (output.rate === "variable" ? "variable" : rate(output.rate)))}
      </Row>
      <Row name="Frames">{arrow(shown(input?.frames, number), shown(output?.frames, number))}</Row>
      <Row name="Time">{time}</Row>
      <Row name="Memory">{memory}</Row>
      <Row name="Encoding">{output && `${output.encoder}, ${output.pixelFormat}`}</Row>
    </dl>
  );
}

function Remarks({ plan, cost }: { readonly plan: Plan | undefined; readonly cost: Measured | undefined }) {
  const { dropped = [], notes = [] } = plan?.estimate ?? {}, problem = cost && "problem" in cost && cost.problem;
  if (dropped.length + notes.length === 0 && !problem) return null;
  return (
    <ul class="remarks">
      {dropped.map(({ what, why }) => (
        <li key={what}>
          <strong>Not kept: {what}.</strong> {withLabels(why)}
        </li>
      ))}
      {notes.map((note) => <li key={note}>{withLabels(note)}</li>)}
      {problem && (
        <li>
          <strong>Time and memory are unknown.</strong> {withLabels(problem)}
        </li>
      )}
    </ul>
  );
}

/** The plan, the name of the result, the command, and the button that adds the job. */
export function PlanCard(
  { clip, problem }: { readonly clip: Clip; readonly problem: Signal<OptionProblem | undefined> },
) {
  const plan = useSignal<Plan | undefined>(undefined), cost = useSignal<Measured | undefined>(undefined);
  const failed = useSignal(""), format = useSignal<Format>("mp4"), own = useSignal<string | undefined>(undefined);
  const added = useSignal(""), isBusy = useSignal(false);
  const proposed = useComputed(() => resultName(clip.name, settings.value, format.value));
  const name = useComputed(() => completeName(own.value ?? "", format.value) ?? proposed.value);
  const current = settings.value, isWrong = problems.value.size > 0;

  useEffect(() => {
    if (problems.value.size > 0) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const json = { file: clip.id, settings: settings.value, name: name.value };
        const answer = await read(client.api.plan.$post({ json }, { init: { signal: stop.signal } }));
        if (stop.signal.aborted) return;
        plan.value = answer as Plan;
        [failed.value, problem.value] = ["", undefined];
      } catch (error) {
        if (stop.signal.aborted) return;
        const { option, message } = error as ServerError;
        problem.value = option === undefined ? undefined : { option, message };
        failed.value = message;
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [current, name.value]);

  const { model, backend, device, precision, workers, tile, overlap, flowScale, deinterlace } = current;
  useEffect(() => {
    if (problems.value.size > 0) return;
    let isCurrent = true;
    cost.value = undefined;
    const timer = setTimeout(async () => {
      const json = { file: clip.id, settings: settings.value };
      const measured = await read(client.api.cost.$post({ json })).then(
        (answer): Measured => answer as Cost,
        ({ message }: ServerError): Measured => ({ problem: message }),
      );
      if (isCurrent) cost.value = measured;
    }, PAUSE);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [model, backend, device, precision, workers, tile, overlap, flowScale, deinterlace]);

  const add = async () => {
    isBusy.value = true;
    try {
      await read(client.api.jobs.$post({ json: { file: clip.id, settings: settings.value, name: name.value } }));
      added.value = name.value;
      say(`${name.value} is in the queue`);
    } catch (error) {
      failed.value = (error as Error).message;
    } finally {
      isBusy.value = false;
    }
  };
  const output = `${app.value!.outPath}/${outputOf(plan.value?.name ?? name.value)}`;
  const command = commandLine(clip.path, output, current, app.value!.flags);
  return (
    <section class="plan" aria-label="Plan">
      <h2>Plan</h2>
      <Facts plan={isWrong ? undefined : plan.value} cost={isWrong ? undefined : cost.value} />
      <p class="problem" role="alert">
        {isWrong ? "Correct the marked options first." : failed.value && withLabels(failed.value)}
      </p>
      <Remarks
        plan={isWrong || failed.value ? undefined : plan.value}
        cost={isWrong || failed.value ? undefined : cost.value}
      />
      <div class="result">
        <label>
          <span>Result</span>
          <input
            type="text"
            value={own.value ?? proposed.value}
            spellcheck={false}
            autocomplete="off"
            onInput={({ currentTarget }) => own.value = currentTarget.value || undefined}
          />
        </label>
        <label>
          <span>Format</span>
          <select
            value={format.value}
            onChange={({ currentTarget }) => {
              format.value = currentTarget.value as Format;
              own.value = undefined;
            }}
          >
            {FORMATS.map((one) => <option key={one} value={one}>{one === "png" ? "png images" : one}</option>)}
          </select>
        </label>
      </div>
      <div class="actions">
        <Button
          kind="primary"
          icon="plus"
          disabled={isWrong || failed.value !== "" || !plan.value || isBusy.value}
          onClick={add}
        >
          Add to queue
        </Button>
        {added.value && <a href={linkTo("queue")}>Added. Show the queue</a>}
      </div>
      <details class="command">
        <summary>Command</summary>
        <pre tabIndex={0} aria-label="The same as a command"><code>{command}</code></pre>
        {current.retime && <p class="hint">It reads {curveName(clip.name)}, which “Save” of the speed curve writes.</p>}
        <Button
          icon="copy"
          kind="quiet"
          onClick={() => copy(command)}
        >
          Copy
        </Button>
      </details>
    </section>
  );
}
