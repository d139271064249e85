/** Reads the versions and hashes of remote plugins from Deno's lock file. */
import { SHIPPED_MANIFEST_URL } from "@slomo/slomo/shipped";

/** Path of the clone's lock file. Packages from a registry have none. */
const LOCK = new URL("./deno.lock", SHIPPED_MANIFEST_URL);

/** The part of the lock file that is read. */
interface LockFile {
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly jsr?: Readonly<Record<string, { readonly integrity?: string }>>;
  readonly npm?: Readonly<Record<string, { readonly integrity?: string }>>;
  readonly remote?: Readonly<Record<string, string>>;
}

/** A module in the lock file. */
export interface Locked {
  /** Version that the range resolves to; absent for a URL. */
  readonly version: string | undefined;
  /** Hash of its code. */
  readonly integrity: string;
}

/** Returns the package of a specifier in the form of the lock file: without a path in the package, with `*` for any version. */
function packageOf(
  specifier: string,
): { readonly key: string; readonly name: string; readonly registry: "jsr" | "npm" } {
  const [, registry, name, version] = /^(jsr|npm):\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?/.exec(specifier) ?? [];
  return {
    key: `${registry}:${name}@${version ?? "*"}`,
    name: name ?? "",
    registry: registry === "npm" ? "npm" : "jsr",
  };
}

function lookUp(lock: LockFile, specifier: string): Locked | undefined {
  const ofUrl = lock.remote?.[specifier];
  if (ofUrl !== undefined) return { version: undefined, integrity: ofUrl };
  const { key, name, registry } = packageOf(specifier), resolved = lock.specifiers?.[key];
  const integrity = lock[registry]?.[`${name}@${resolved}`]?.integrity;
  if (resolved === undefined || integrity === undefined) return undefined;
  // The versions of npm peers follow an underscore.
  return { version: resolved.replace(/_.*$/, ""), integrity };
}

/** Reads the lock file, and returns a function that looks up a specifier; `undefined` if it is not locked. */
export async function readLock(url: URL = LOCK): Promise<(specifier: string) => Locked | undefined> {
  let lock: LockFile;
  if (url.protocol !== "file:") return () => undefined;
  try {
    lock = JSON.parse(await Deno.readTextFile(url));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    lock = {};
  }
  return (specifier) => lookUp(lock, specifier);
}
