/** The first view: drop a file, or pick one of the folders. */
import { signal, useSignal } from "@preact/signals";
import type { Entry } from "../shared/types.ts";
import { client, frameUrl, mediaUrl, read, upload } from "./api.ts";
import { useLoaded } from "./hooks.ts";
import { app, copy, linkTo, say } from "./state.ts";
import { size } from "./text.ts";
import { Button, Heading, Icon, Loading, Notice, Progress } from "./ui.tsx";

/** Upload in progress, or its error. */
const current = signal<{ readonly name: string; readonly share: number; readonly cancel: () => void } | undefined>(
  undefined,
);
const problem = signal("");

async function send(files: readonly File[]): Promise<void> {
  problem.value = "";
  let last = "";
  for (const file of files) {
    const { done, cancel } = upload(file, (share) => current.value = { name: file.name, share, cancel });
    current.value = { name: file.name, share: 0, cancel };
    say(`Uploading ${file.name}`);
    try {
      last = await done;
    } catch (error) {
      problem.value = `${file.name}: ${(error as Error).message}`;
      break;
    } finally {
      current.value = undefined;
    }
  }
  if (last && !problem.value) location.hash = linkTo("clip", last);
}

function Drop() {
  const isOver = useSignal(false), now = current.value;
  return (
    <section
      class={`drop${isOver.value ? " over" : ""}`}
      aria-label="Upload"
      onDragOver={(event) => (event.preventDefault(), isOver.value = true)}
      onDragLeave={() => isOver.value = false}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        send([...event.dataTransfer?.files ?? []]);
      }}
    >
      {now
        ? (
          <div class="uploading">
            <span>{now.name}</span>
            <Progress value={now.share} label={`Upload of ${now.name}`} />
            <span class="number">{Math.round(100 * now.share)} %</span>
            <Button icon="close" label="Cancel the upload" kind="quiet" onClick={now.cancel} />
          </div>
        )
        : (
          <>
            <p>Drop a video here</p>
            <label class="file">
              <input
                type="file"
                accept="video/*,.mkv,.mxf,.y4m,.gif"
                multiple
                onChange={(event) => send([...event.currentTarget.files ?? []])}
              />
              <span>Choose a file</span>
            </label>
          </>
        )}
      {problem.value && <p class="problem" role="alert">{problem.value}</p>}
    </section>
  );
}

function Card({ id, name, kind, bytes }: Entry) {
  const hasPoster = useSignal(true);
  if (kind === "folder") {
    return (
      <li>
        <a class="card folder" href={linkTo("open", id)}>
          <Icon name="folder" />
          <span class="name">{name}</span>
        </a>
      </li>
    );
  }
  return (
    <li class="entry">
      <a class="card" href={linkTo("clip", id)}>
        <span class="poster">
          {hasPoster.value
            ? <img src={frameUrl(id, 0)} alt="" loading="lazy" onError={() => hasPoster.value = false} />
            : <Icon name="film" />}
        </span>
        <span class="name">{name}</span>
        <span class="muted">{kind === "images" ? "image sequence" : size(bytes)}</span>
      </a>
      {kind === "video" && (
        <a
          class="button square quiet"
          href={mediaUrl(id, true)}
          download
          aria-label={`Download ${name}`}
          title="Download"
        >
          <Icon name="download" />
        </a>
      )}
    </li>
  );
}

function Cards({ name, entries }: { readonly name: string; readonly entries: readonly Entry[] }) {
  if (entries.length === 0) return null;
  return <ul class="cards" aria-label={name}>{entries.map((entry) => <Card key={entry.id} {...entry} />)}</ul>;
}

function Path({ id }: { readonly id: string }) {
  const [number = "0", ...parts] = id.split("/"), { folders } = app.value!;
  const isRoot = (index: number) => parts.length === 0 && String(index) === number ? "page" : undefined;
  return (
    <nav class="path" aria-label="Folders">
      {folders.map((name, index) => (
        <a
          key={index}
          href={linkTo("open", `${index}`)}
          aria-current={isRoot(index)}
          class={`${index}` === number ? "on" : ""}
        >
          {name}
        </a>
      ))}
      {parts.map((part, index) => (
        <a
          key={part}
          href={linkTo("open", [number, ...parts.slice(0, index + 1)].join("/"))}
          aria-current={index === parts.length - 1 ? "page" : undefined}
        >
          <span aria-hidden="true">/</span> {part}
        </a>
      ))}
    </nav>
  );
}

/** The view. */
export function OpenView({ id }: { readonly id: string }) {
  const folder = id || `${app.value!.out}`;
  const listing = useLoaded(() => read(client.api.files.$get({ query: { id: folder } })), [folder]);
  const { entries, path } = listing.value ?? {};
  return (
    <main id="main" class="open">
      <Heading>Open a video</Heading>
      <Drop />
      <Path id={folder} />
      {listing.problem
        ? (
          <Notice
            title="This folder cannot be shown"
            kind="error"
            actions={<Button icon="retry" onClick={listing.retry}>Try again</Button>}
          >
            {listing.problem}
          </Notice>
        )
        : !entries
        ? <Loading what="Reading the folder" />
        : entries.length === 0
        ? <Notice title="No videos here yet">Drop one above, or put some into this folder.</Notice>
        : (
          <>
            <Cards name="Subfolders" entries={entries.filter(({ kind }) => kind === "folder")} />
            <Cards name="Videos" entries={entries.filter(({ kind }) => kind !== "folder")} />
          </>
        )}
      {path !== undefined && (
        <p class="muted where">
          <code>{path}</code>
          <Button icon="copy" kind="quiet" label="Copy the path of the folder" onClick={() => copy(path)} />
        </p>
      )}
    </main>
  );
}
