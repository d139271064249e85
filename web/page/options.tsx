/** The form: fields from the definitions of the options. */
import { useId } from "preact/hooks";
import { computed } from "@preact/signals";
import type { OptionDefinition } from "@slomo/core/options";
import { PRESETS } from "@slomo/slomo/options";
import { formGroups, labelOf, settingProblems, withLabels, withPreset } from "../shared/settings.ts";
import { app, say, setSetting, settings } from "./state.ts";
import { Button } from "./ui.tsx";

/** Problems of the settings by option, found in the page itself. */
export const problems = computed(() => settingProblems(settings.value));

/** A problem that the server found in an option. */
export interface OptionProblem {
  /** Its name. */
  readonly option: string;
  /** The problem. */
  readonly message: string;
}

interface FieldProps {
  readonly name: string;
  readonly definition: OptionDefinition;
  /** A problem that the server found. */
  readonly problem: string | undefined;
}

function Hint({ id, definition }: { readonly id: string; readonly definition: OptionDefinition }) {
  const otherwise = definition.default === undefined ? "" : ` Default: ${definition.default}.`;
  return <p class="hint" id={id}>{withLabels(`${definition.help}.${otherwise}`)}</p>;
}

function Choice({ id, name, choices, described, otherwise }: {
  readonly id: string;
  readonly name: string;
  readonly choices: readonly string[];
  readonly described: string;
  readonly otherwise: string;
}) {
  return (
    <select
      id={id}
      value={`${settings.value[name] ?? ""}`}
      aria-describedby={described}
      onChange={({ currentTarget }) => setSetting(name, currentTarget.value)}
    >
      <option value="">{otherwise}</option>
      {choices.map((choice) => <option key={choice} value={choice}>{choice}</option>)}
    </select>
  );
}

function Input({ id, name, definition, described, isWrong }: Omit<FieldProps, "problem"> & {
  readonly id: string;
  readonly described: string;
  readonly isWrong: boolean;
}) {
  const value = settings.value[name], isOff = value === false;
  const isNumber = definition.kind === "number" || definition.kind === "factor" || definition.kind === "rate";
  return (
    <div class="input">
      <input
        id={id}
        type="text"
        inputMode={isNumber ? "decimal" : "text"}
        autocomplete="off"
        spellcheck={false}
        disabled={isOff}
        value={typeof value === "string" ? value : ""}
        placeholder={isOff ? "off" : /^[\d.]+$/.test(definition.default ?? "") ? definition.default : ""}
        aria-describedby={described}
        aria-invalid={isWrong}
        onInput={({ currentTarget }) => setSetting(name, currentTarget.value)}
      />
      {definition.kind === "number" && definition.offFlag && (
        <label class="check">
          <input
            type="checkbox"
            checked={isOff}
            onChange={({ currentTarget }) => setSetting(name, currentTarget.checked ? false : undefined)}
          />
          <span>Off</span>
        </label>
      )}
    </div>
  );
}

function Field({ name, definition, problem }: FieldProps) {
  const id = useId(), hint = `${id}-hint`, error = `${id}-error`, wrong = problems.value.get(name) ?? problem;
  const described = wrong ? `${error} ${hint}` : hint, label = labelOf(name);
  const message = wrong && <p class="problem" id={error}>{withLabels(wrong)}</p>;
  if (definition.kind === "switch") {
    return (
      <div class="field">
        <label class="check" for={id}>
          <input
            id={id}
            type="checkbox"
            checked={settings.value[name] === true}
            aria-describedby={described}
            onChange={({ currentTarget }) => setSetting(name, currentTarget.checked || undefined)}
          />
          <span>{label}</span>
        </label>
        {message}
        <Hint id={hint} definition={definition} />
      </div>
    );
  }
  const models = name === "model" ? app.value?.models ?? [] : undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {models
        ? <Choice id={id} name={name} choices={models} described={described} otherwise="default" />
        : definition.kind === "choice"
        ? (
          <Choice
            id={id}
            name={name}
            choices={definition.choices}
            described={described}
            otherwise={`default: ${definition.default ?? "none"}`}
          />
        )
        : <Input id={id} name={name} definition={definition} described={described} isWrong={wrong !== undefined} />}
      {message}
      <Hint id={hint} definition={definition} />
    </div>
  );
}

function isPresetOn(preset: string): boolean {
  return Object.entries(PRESETS[preset]!).every(([name, value]) => settings.value[name] === value);
}

/** The form. `serverProblem` is the problem that the server found in one of the options. */
export function Options(
  { serverProblem }: { readonly serverProblem: OptionProblem | undefined },
) {
  const isChanged = Object.keys(settings.value).length > 0;
  return (
    <form class="options" aria-label="Options" onSubmit={(event) => event.preventDefault()}>
      <fieldset class="presets">
        <legend class="hidden">Presets</legend>
        {Object.keys(PRESETS).map((preset) => (
          <Button
            key={preset}
            pressed={isPresetOn(preset)}
            onClick={() => {
              settings.value = withPreset({}, preset);
              say(`Preset ${preset}`);
            }}
          >
            {preset.replace("-", " ")}
          </Button>
        ))}
        <Button kind="quiet" disabled={!isChanged} onClick={() => settings.value = {}}>Reset</Button>
      </fieldset>
      {[...formGroups()].map(([group, fields], index) => (
        <details key={group} open={index === 0}>
          <summary>
            {group}
            {fields.some(([name]) => settings.value[name] !== undefined) && (
              <span class="dot" aria-label="changed" role="img" />
            )}
          </summary>
          <div class="fields">
            {fields.map(([name, definition]) => (
              <Field
                key={name}
                name={name}
                definition={definition}
                problem={serverProblem?.option === name ? serverProblem.message : undefined}
              />
            ))}
          </div>
        </details>
      ))}
    </form>
  );
}
