/** The page: header, navigation and the view of the address. */
import { render } from "preact";
import { client, read } from "./api.ts";
import { ClipView } from "./clip.tsx";
import { CompareView } from "./compare.tsx";
import { watchJobs } from "./jobs.ts";
import { OpenView } from "./open.tsx";
import { QueueView } from "./queue.tsx";
import { active, app, connection, linkTo, route, said } from "./state.ts";
import { Loading, Notice } from "./ui.tsx";

function Header() {
  const { view } = route.value, current = (name: string) => view === name ? "page" : undefined;
  return (
    <header class="top">
      <a class="brand" href={linkTo("open")} aria-label="slomo, open a video">
        <svg viewBox="0 0 24 16" aria-hidden="true">
          <path d="M2 2v12" />
          <path d="M8.7 2v12" />
          <path d="M15.3 2v12" />
          <path d="M22 2v12" />
        </svg>
        slomo
      </a>
      <nav aria-label="Views">
        <a href={linkTo("open")} aria-current={current("open")}>Videos</a>
        <a href={linkTo("queue")} aria-current={current("queue")}>
          Queue{active.value > 0 && <span class="badge" aria-label={`${active.value} open`}>{active.value}</span>}
        </a>
      </nav>
    </header>
  );
}

function Connection() {
  if (connection.value === "open") return null;
  const isOver = connection.value === "ended";
  return (
    <div class="banner" role="alert">
      {isOver
        ? "This visit has ended: the server was started again. Open the address that it printed."
        : "The server does not answer. Jobs continue when it is started again; this page reconnects by itself."}
    </div>
  );
}

function View() {
  const { view, id } = route.value;
  if (!app.value) {
    return connection.value === "open"
      ? (
        <main>
          <Loading what="Opening" />
        </main>
      )
      : (
        <main>
          <Notice title="Nothing to show" kind="error" />
        </main>
      );
  }
  if (view === "clip") return <ClipView key={id} id={id} />;
  if (view === "queue") return <QueueView />;
  if (view === "compare") return <CompareView key={id} id={id} />;
  return <OpenView id={id} />;
}

function Page() {
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => (event.preventDefault(), document.querySelector<HTMLElement>("h1")?.focus())}
      >
        Skip to content
      </a>
      <Header />
      <Connection />
      <View />
      <div class="hidden" role="status" aria-live="polite">{said}</div>
    </>
  );
}

render(<Page />, document.getElementById("app")!);

async function start(): Promise<void> {
  try {
    app.value = await read(client.api.state.$get());
  } catch {
    if (connection.value === "open") connection.value = "lost";
  }
}

await start();
watchJobs(start);
