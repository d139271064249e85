import type { Manifest } from "@slomo/core/manifest";
import { SHIPPED_MANIFEST } from "@slomo/slomo/shipped";
import { join } from "@std/path";
import type { NewNames } from "./_names.ts";
import { SHARED_IMPORTS } from "./_templates.ts";

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * Returns the `deno.json` of a new package.
 *
 * @param version Version of slomo.
 * @param link Folder of a clone of slomo to use instead of the registry.
 */
export function packageConfig(
  names: NewNames,
  version: string,
  link: string | undefined,
): string {
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
    imports: { ...own, ...SHARED_IMPORTS },
    fmt: { lineWidth: 120 },
    tasks: {
      check: "deno fmt --check && deno lint && deno test -A && deno publish --dry-run --allow-dirty",
    },
    publish: { exclude: ["**/*_test.ts"] },
  });
}

/** Tasks that try a part, by kind. */
const TRIAL: Readonly<Record<string, string>> = {
  flow: "train clips --out run",
  network: "train clips --out run",
  loss: "train clips --out run",
};
const TRIED = "interpolate in.mp4 out.mp4";

const SLOT_OF: Readonly<Record<string, string>> = {
  flow: "flowEstimator",
  interpolator: "interpolator",
  network: "interpolator",
  warp: "warp",
  loss: "losses",
  media: "media",
};

/** Returns the entry of a manifest that uses the part. */
function choice(kind: string, part: string): string {
  const name = `"name": "${part}"`;
  if (kind === "loss") return `[{ ${name}, "weight": 1 }]`;
  if (kind !== "media") return `{ ${name} }`;
  return `[\n      { ${name} },\n      { "name": "images" },\n      { "name": "ffmpeg" }\n    ]`;
}

/**
 * Returns the manifest of a new package, `slomo.json`, which uses its part beside the shipped ones.
 *
 * @param names Forms of the package's name.
 * @param kind Kind of the part.
 */
export function packageManifest({ part: name }: NewNames, kind: string): string {
  const { plugins, use, weights, models }: Manifest = JSON.parse(SHIPPED_MANIFEST), part = { name };
  // The networks of the default model are one part.
  const paper = "super-slomo", networks = { flowEstimator: { name: paper }, interpolator: { name: paper } };
  const changed: Readonly<Record<string, Partial<Manifest["use"]>>> = {
    flow: { ...networks, flowEstimator: part },
    interpolator: { ...networks, interpolator: part },
    network: { flowEstimator: undefined, interpolator: part },
    warp: { warp: part },
    loss: { losses: [{ name: "reconstruction", weight: 204 }, { name, weight: 1 }] },
    media: { media: [part, ...[use.media].flat()] },
  };
  // New networks are trained first.
  const trained = kind === "flow" || kind === "network"
    ? {}
    : { weights: kind === "interpolator" ? models![paper]!.weights : weights };
  return json({ plugins: ["./mod.ts", ...plugins], use: { ...use, ...changed[kind] }, ...trained });
}

/** Returns the `README.md` of a new package. Names appear in headings and code only, which formatters do not wrap. */
export function packageReadme({ package: whole, part }: NewNames, kind: string): string {
  const slot = SLOT_OF[kind]!;
  return `# ${whole}

A plugin for slomo.

## Use

Add it to the plugins in \`slomo.json\`, and use its part:

\`\`\`jsonc
{
  "plugins": ["jsr:${whole}@^0.1.0"],
  "use": {
    "${slot}": ${choice(kind, part)}
  }
}
\`\`\`

In the folder of slomo, this command adds it to \`plugins\`:

\`\`\`sh
deno task plugin add jsr:${whole}@^0.1.0
\`\`\`

\`slomo.json\` here is a manifest that uses the part beside the shipped ones. ${
    kind === "flow" || kind === "network" ? "Train its network" : "Try it"
  } in the folder of slomo:

\`\`\`sh
deno task ${TRIAL[kind] ?? TRIED} --manifest path/to/this/package/slomo.json
\`\`\`

## Develop

In the folder of this package:

\`\`\`sh
deno task check        # format, lint, tests, and a dry run of publishing
deno publish           # to JSR, when the scope in deno.json is yours
\`\`\`
`;
}
