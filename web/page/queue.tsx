/** The queue: jobs that run, wait, and have ended. */
import { useSignal } from "@preact/signals";
import { isEnded, type Job, type JobAction } from "../shared/types.ts";
import { mediaUrl } from "./api.ts";
import { act, move } from "./jobs.ts";
import { flagsOfSettings, isFileName, withLabels } from "../shared/settings.ts";
import { app, folderOf, jobs, linkTo, say } from "./state.ts";
import { clock, count } from "./text.ts";
import { Button, Heading, Icon, type IconName, Loading, Notice, Progress } from "./ui.tsx";

const NAMES: Readonly<Record<Job["state"], string>> = {
  queued: "Waiting",
  running: "Running",
  paused: "Paused",
  done: "Done",
  failed: "Failed",
  canceled: "Canceled",
};

const ACTIONS: Readonly<Record<Job["state"], readonly JobAction[]>> = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  done: ["remove"],
  failed: ["retry", "remove"],
  canceled: ["retry", "remove"],
};

const LOOKS: Readonly<Record<JobAction, readonly [IconName, string]>> = {
  pause: ["pause", "Pause"],
  resume: ["play", "Resume"],
  cancel: ["close", "Cancel"],
  retry: ["retry", "Run again"],
  remove: ["close", "Remove from the list"],
};

function progressText({ state, done, total, rate, left, message, detail }: Job): string {
  const frames = total === undefined
    ? count(done, "frame")
    : `${done.toLocaleString("en")} of ${count(total, "frame")}`;
  if (state === "failed") return withLabels(message ?? "");
  if (state === "done") return count(done, "frame");
  if (state === "canceled") return "";
  const more = detail === undefined ? "" : `, ${detail}`;
  if (done === 0) return detail ?? "";
  const speed = state === "running" && rate !== undefined ? `, ${rate.toFixed(1)} fps` : "";
  return `${frames}${speed}${state === "running" && left !== undefined ? `, ${clock(left)} left` : ""}${more}`;
}

/** Returns the actions on a job; workers cannot pause. */
const actionsOf = (state: Job["state"]) =>
  ACTIONS[state].filter((action) => action !== "pause" || app.value?.queueServer === undefined);

function Row({ job, index, total, dragged }: {
  readonly job: Job;
  readonly index: number;
  readonly total: number;
  readonly dragged: { value: string };
}) {
  const failed = useSignal(""), isOver = useSignal(false), { id, name, state, result } = job;
  const perform = (action: JobAction) => {
    failed.value = "";
    act(id, action).then(() => say(`${name}: ${LOOKS[action][1]}`), (error) => failed.value = error.message);
  };
  const step = (to: number) => move(id, to).catch((error) => failed.value = error.message);
  const isFile = isFileName(result ?? "");
  return (
    <li
      class={`job ${state}${isOver.value ? " over" : ""}`}
      onDragOver={(event) => {
        if (dragged.value === "" || dragged.value === id) return;
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => isOver.value = false}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        move(dragged.value, index).catch((error) => failed.value = error.message);
      }}
    >
      <span
        class="grip"
        draggable={app.value?.queueServer === undefined}
        title="Drag to change the order"
        onDragStart={() => dragged.value = id}
        onDragEnd={() => dragged.value = ""}
      >
        <Icon name="grip" />
      </span>
      <div class="about">
        <strong>{result?.split("/").at(-1) ?? name}</strong>
        <span class="muted">{flagsOfSettings(job.settings).join(" ") || "default options"}</span>
      </div>
      <span class={`state ${state}`}>{NAMES[state]}</span>
      <div class="bar">
        {!isEnded(state) && (
          <Progress
            label={`Progress of ${name}`}
            value={job.total ? job.done / job.total : state === "running" ? undefined : 0}
          />
        )}
        <span class={state === "failed" ? "problem" : "muted number"}>{progressText(job)}</span>
        {failed.value && <span class="problem" role="alert">{failed.value}</span>}
      </div>
      <div class="row-actions">
        {result !== undefined && isFile && (
          <>
            <a class="button" href={linkTo("compare", id)}>
              <Icon name="compare" />Compare
            </a>
            <a
              class="button square quiet"
              href={mediaUrl(result, true)}
              download
              aria-label={`Download ${name}`}
              title="Download"
            >
              <Icon name="download" />
            </a>
          </>
        )}
        {result !== undefined && (
          <a
            class="button square quiet"
            href={linkTo("open", isFile ? folderOf(result) : result)}
            aria-label={`Folder of ${name}`}
            title="Open the folder"
          >
            <Icon name="folder" />
          </a>
        )}
        {!isEnded(state) && app.value?.queueServer === undefined && (
          <>
            <Button
              icon="up"
              kind="quiet"
              label={`Move ${name} up`}
              disabled={index === 0}
              onClick={() => step(index - 1)}
            />
            <Button
              icon="down"
              kind="quiet"
              label={`Move ${name} down`}
              disabled={index === total - 1}
              onClick={() => step(index + 1)}
            />
          </>
        )}
        {actionsOf(state).map((action) => (
          <Button
            key={action}
            icon={LOOKS[action][0]}
            kind="quiet"
            label={`${LOOKS[action][1]}: ${name}`}
            onClick={() => perform(action)}
          />
        ))}
      </div>
      {job.notes.length > 0 && (
        <details class="notes">
          <summary>{count(job.notes.length, "note")}</summary>
          <ul class="remarks">{job.notes.map((note, index) => <li key={index}>{withLabels(note)}</li>)}</ul>
        </details>
      )}
    </li>
  );
}

function Notify() {
  const permission = useSignal(globalThis.Notification?.permission ?? "denied");
  if (permission.value !== "default") return null;
  return (
    <Button icon="bell" onClick={async () => permission.value = await Notification.requestPermission()}>
      Tell me when a job is done
    </Button>
  );
}

/** The view. */
export function QueueView() {
  const all = jobs.value, dragged = useSignal("");
  return (
    <main id="main" class="queue">
      <div class="title">
        <Heading>Queue</Heading>
        <Notify />
      </div>
      {!all ? <Loading what="Asking for the queue" /> : all.length === 0
        ? (
          <Notice title="The queue is empty">
            <a href={linkTo("open")}>Open a video</a>, choose its options, and add it here.
          </Notice>
        )
        : (
          <ol class="jobs">
            {all.map((job, index) => <Row key={job.id} job={job} index={index} total={all.length} dragged={dragged} />)}
          </ol>
        )}
      {app.value!.queueServer !== undefined && (
        <p class="muted where">Workers of {app.value!.queueServer} make the videos.</p>
      )}
      <p class="muted where">
        Results are in <code>{app.value!.outPath}</code>
      </p>
    </main>
  );
}
