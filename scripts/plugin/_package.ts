import { join } from "@std/path";
import type { NewNames } from "./_names.ts";

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * The `deno.json` of a new package.
 *
 * @param version Of the core that it is begun with.
 * @param imports Of slomo, for the versions of what both use: one copy then serves them.
 * @param link Folder of a copy of slomo to take in place of JSR's.
 */
export function packageConfig(
  names: NewNames,
  version: string,
  imports: Readonly<Record<string, string>>,
  link: string | undefined,
): string {
  const shared = Object.fromEntries(["@tensorflow/tfjs-core", "zod"].map((name) => [name, imports[name]]));
  const own = Object.fromEntries(
    ["core", "engine", "ops", "testing"].map((name) => [`@slomo/${name}`, `jsr:@slomo/${name}@^${version}`]),
  );
  const links = link === undefined ? {} : {
    links: [".", "links/std-cli", "links/std-path"].map((folder) => join(link, folder)),
  };
  return json({
    name: names.package,
    version: "0.1.0",
    license: "MIT",
    exports: "./mod.ts",
    ...links,
    imports: { ...own, ...shared },
    fmt: { lineWidth: 120 },
    tasks: {
      check: "deno fmt --check && deno lint && deno test -A && deno publish --dry-run --allow-dirty",
    },
    publish: { exclude: ["**/*_test.ts"] },
  });
}

const SLOT_OF: Readonly<Record<string, string>> = {
  flow: "flowEstimator",
  interpolator: "interpolator",
  warp: "warp",
  loss: "losses",
  codec: "codec",
};

/** What a manifest has in the slot of a kind. */
function choice(kind: string, part: string): string {
  const name = `"name": "${part}"`;
  if (kind === "loss") return `[{ ${name}, "weight": 1 }]`;
  if (kind !== "codec") return `{ ${name} }`;
  return `[\n      { ${name} },\n      { "name": "images" },\n      { "name": "ffmpeg" }\n    ]`;
}

/** The `README.md` of a new package. Names stand in headings and code alone, which no formatter breaks. */
export function packageReadme({ package: whole, part }: NewNames, kind: string): string {
  const slot = SLOT_OF[kind]!;
  return `# ${whole}

A plugin for slomo.

## Use it

Name it in \`slomo.json\`, beside the plugins that are there, and put its part in use:

\`\`\`jsonc
{
  "plugins": ["jsr:${whole}@^0.1.0"],
  "use": {
    "${slot}": ${choice(kind, part)}
  }
}
\`\`\`

The first of the two is also done by

\`\`\`sh
deno task plugin add jsr:${whole}@^0.1.0
\`\`\`

## Work on it

\`\`\`sh
deno task check        # format, lint, tests, and whether it could be published
deno publish           # to JSR, once the scope in deno.json is yours
\`\`\`
`;
}
