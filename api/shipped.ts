/** The manifest that slomo ships. Imports nothing else, so that it loads at once. */
import manifest from "../slomo.json" with { type: "json" };

/** Text of the shipped manifest, without the comments of its file. */
export const SHIPPED_MANIFEST: string = JSON.stringify(manifest);

/** Location of the shipped manifest: a file in a clone, which can be changed, else an address. */
export const SHIPPED_MANIFEST_URL: URL = new URL("../slomo.json", import.meta.url);
