/** The manifest that slomo ships. Imports nothing else, so that it loads fast. */
import manifest from "../slomo.json" with { type: "json" };

/** Text of the shipped manifest, without the comments of its file. */
export const SHIPPED_MANIFEST: string = JSON.stringify(manifest);

/** Location of the shipped manifest: in a clone, a file that can be changed; otherwise a URL. */
export const SHIPPED_MANIFEST_URL: URL = new URL("../slomo.json", import.meta.url);
