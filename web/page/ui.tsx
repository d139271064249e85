/** Small parts of all views. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { focusHeading } from "./state.ts";

const PATHS = {
  plus: "M8 3v10M3 8h10",
  up: "M8 13V3.5M4 7l4-4 4 4",
  down: "M8 3v9.5M4 9l4 4 4-4",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3l8 5-8 5z",
  close: "M4 4l8 8M12 4l-8 8",
  undo: "M6 3 2.5 6.5 6 10M2.5 6.5H9a4 4 0 0 1 0 8",
  redo: "M10 3l3.5 3.5L10 10M13.5 6.5H7a4 4 0 0 0 0 8",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  download: "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
  compare: "M8 2v12M2.5 4h3.5v8H2.5zM10 4h3.5v8H10z",
  folder: "M2 4.5h4l1.5 1.5H14v6.5H2z",
  film: "M2.5 3.5h11v9h-11zM5.5 3.5v9M10.5 3.5v9M2.5 8h3M10.5 8h3",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  back: "M9.5 3.5 5 8l4.5 4.5",
  next: "M6.5 3.5 11 8l-4.5 4.5",
  grip: "M6 4v.01M10 4v.01M6 8v.01M10 8v.01M6 12v.01M10 12v.01",
  bell: "M4 11V7.5a4 4 0 0 1 8 0V11l1 1.5H3zM6.8 14h2.4",
} as const;

/** Name of an icon. */
export type IconName = keyof typeof PATHS;

/** An icon; its button has the text. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The heading of a view, which gets the focus when the view is shown. */
export function Heading({ children }: { readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => focusHeading(heading.current), []);
  return <h1 ref={heading} tabIndex={-1}>{children}</h1>;
}

/** A button with an icon. Without text, the label is for screen readers and as a tooltip. */
export function Button({ icon, label, children, kind = "plain", ...rest }: {
  readonly icon?: IconName;
  readonly label?: string;
  readonly children?: ComponentChildren;
  readonly kind?: "plain" | "primary" | "quiet";
  readonly onClick?: (event: MouseEvent) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
}) {
  const { pressed, ...others } = rest;
  return (
    <button
      type="button"
      class={`${kind}${children ? "" : " square"}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      {...others}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** Buttons for the previous and the next of something. */
export function Steps({ noun, kind = "plain", onStep, isFirst = false, isLast = false }: {
  /** Unit of a step: `frame`. */
  readonly noun: string;
  readonly kind?: "plain" | "quiet";
  readonly onStep: (direction: 1 | -1) => void;
  /** Whether there is none before. */
  readonly isFirst?: boolean;
  /** Whether there is none after. */
  readonly isLast?: boolean;
}) {
  return (
    <>
      <Button icon="back" label={`Previous ${noun}`} kind={kind} disabled={isFirst} onClick={() => onStep(-1)} />
      <Button icon="next" label={`Next ${noun}`} kind={kind} disabled={isLast} onClick={() => onStep(1)} />
    </>
  );
}

/** A view or a part of it that has nothing to show, or an error. */
export function Notice({ title, children, actions, kind = "empty" }: {
  readonly title: string;
  readonly actions?: ComponentChildren;
  readonly children?: ComponentChildren;
  readonly kind?: "empty" | "error";
}) {
  return (
    <div class={`notice ${kind}`} role={kind === "error" ? "alert" : undefined}>
      <strong>{title}</strong>
      {children && <p>{children}</p>}
      {actions && <div class="actions">{actions}</div>}
    </div>
  );
}

/** Placeholder of the size of what is being loaded. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>{" "}
      {what}
    </p>
  );
}

/** A slider from 0 to a maximum. */
export function Slider({ label, text, max, step = 1, value, onChange }: {
  /** Its name, unless a label element has it. */
  readonly label?: string;
  /** The value for screen readers. */
  readonly text?: string;
  readonly max: number;
  readonly step?: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <input
      type="range"
      aria-label={label}
      aria-valuetext={text}
      min={0}
      max={max}
      step={step}
      value={value}
      onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
    />
  );
}

/** A bar of progress, from 0 to 1; without a value the length is unknown. */
export function Progress({ value, label }: { readonly value: number | undefined; readonly label: string }) {
  return <progress aria-label={label} max={1} {...value !== undefined && { value }} />;
}
