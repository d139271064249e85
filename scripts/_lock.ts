/** What Deno's lock file says of plugins that come from elsewhere. */

const LOCK = new URL("../deno.lock", import.meta.url);

/** The part of the lock file that is read. */
interface LockFile {
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly jsr?: Readonly<Record<string, { readonly integrity?: string }>>;
  readonly npm?: Readonly<Record<string, { readonly integrity?: string }>>;
  readonly remote?: Readonly<Record<string, string>>;
}

/** A module that the lock file knows. */
export interface Locked {
  /** The version that its range stands for; a URL has none. */
  readonly version: string | undefined;
  /** What its code must hash to. */
  readonly integrity: string;
}

/** The package of a specifier as the lock file writes it: without a path in the package, and `*` for any version. */
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
  // What follows an underscore are the versions of npm's peers.
  return { version: resolved.replace(/_.*$/, ""), integrity };
}

/** Reads the lock file: gives what it says of a specifier, `undefined` where it says nothing. */
export async function readLock(url: URL = LOCK): Promise<(specifier: string) => Locked | undefined> {
  let lock: LockFile;
  try {
    lock = JSON.parse(await Deno.readTextFile(url));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    lock = {};
  }
  return (specifier) => lookUp(lock, specifier);
}
