/** A server of object storage in a temporary folder, and a gate in front of it, for tests. */
import { ObjectStorage, readStorageSettings, type StorageVariable } from "@slomo/storage";
import { AwsClient } from "aws4fetch";
import { freePort, until } from "../queue/_servers.ts";

/** Keys that the server knows: one that may do everything, and one that may only read. */
export const KEYS = {
  owner: { AWS_ACCESS_KEY_ID: "ownerkeyid", AWS_SECRET_ACCESS_KEY: "ownerhushsecret" },
  reader: { AWS_ACCESS_KEY_ID: "readerkeyid", AWS_SECRET_ACCESS_KEY: "readerhushsecret" },
} as const;

/** Runs a test in an environment with other variables, which are restored at its end. */
export async function withVariables<T>(
  values: Readonly<Partial<Record<StorageVariable, string>>>,
  work: () => Promise<T>,
): Promise<T> {
  const before = Object.keys(values).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(values)) Deno.env.set(name, value);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  }
}

/** A server of object storage. */
export interface StorageServer extends AsyncDisposable {
  /** Its port. */
  readonly port: number;
  /** Kills it, and starts it again with its data. */
  restart(): Promise<void>;
}

const ACTIONS = { owner: ["Admin", "Read", "List", "Write"], reader: ["Read", "List"] };

/** Starts SeaweedFS, whose program is `$SLOMO_TEST_WEED`, or `weed` in the PATH. */
export async function startStorage(): Promise<StorageServer> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-storage-" }), config = `${folder}/keys.json`;
  await Deno.mkdir(`${folder}/data`);
  const [port, master, volume, filer] = [freePort(), freePort(), freePort(), freePort()];
  const grpc = [freePort(), freePort(), freePort(), freePort()];
  const identities = Object.entries(KEYS).map((
    [name, { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey }],
  ) => ({
    name,
    credentials: [{ accessKey, secretKey }],
    actions: ACTIONS[name as keyof typeof KEYS],
  }));
  await Deno.writeTextFile(config, JSON.stringify({ identities }));
  const spawn = () =>
    new Deno.Command(Deno.env.get("SLOMO_TEST_WEED") ?? "weed", {
      args: `-logdir=${folder} server -dir=${folder}/data -ip=127.0.0.1 -ip.bind=127.0.0.1 -volume.max=16
        -master.volumeSizeLimitMB=64 -master.electionTimeout=1s -master.telemetry=false
        -master.port=${master} -master.port.grpc=${grpc[0]} -volume.port=${volume} -volume.port.grpc=${grpc[1]}
        -filer.port=${filer} -filer.port.grpc=${grpc[2]} -s3 -s3.port=${port} -s3.port.grpc=${grpc[3]}
        -s3.port.iceberg=0 -s3.port.lance=0 -s3.config=${config} -s3.autoCreateBucket=false`.split(/\s+/),
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
  const client = new AwsClient({
    accessKeyId: KEYS.owner.AWS_ACCESS_KEY_ID,
    secretAccessKey: KEYS.owner.AWS_SECRET_ACCESS_KEY,
    service: "s3",
    retries: 0,
  });
  const send = async (path: string, init: RequestInit) => {
    const response = await client.fetch(`http://127.0.0.1:${port}/${path}`, init).catch(() => undefined);
    await response?.body?.cancel();
    return response?.status;
  };
  const start = async () => {
    let child = spawn(), hasEnded = false;
    const watch = () => void child.status.then(() => hasEnded = true);
    watch();
    // Another program may have taken one of its ports in the meantime.
    const isReady = async (path: string, init: RequestInit) => {
      if (hasEnded) [child, hasEnded] = [spawn(), false], watch();
      return [200, 409].includes(await send(path, init) ?? 0);
    };
    await until(() => isReady("videos", { method: "PUT" }), "the bucket");
    // Volumes are ready later than buckets.
    await until(() => isReady("videos/ready", { method: "PUT", body: "x" }), "the first object");
    await send("videos/ready", { method: "DELETE" });
    return child;
  };
  let child = await start();
  const stop = async () => {
    child.kill("SIGKILL");
    await child.status;
  };
  return {
    port,
    async restart() {
      await stop();
      child = await start();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Opens the storage with the key of its owner. */
export function ownerOf(port: number): ObjectStorage {
  const values: Partial<Record<StorageVariable, string>> = {
    ...KEYS.owner,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  };
  return new ObjectStorage(readStorageSettings((name) => values[name]));
}

/** A gate in front of a server, which can be closed for requests that begin with a text. */
export class Gate implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();
  readonly #to: number;
  #stopped: RegExp | undefined;
  #isHeld = false;

  constructor(port: number) {
    this.#to = port;
    void this.#accept();
  }

  /** Its port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Whether a request is held. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Holds requests whose first line matches, after a part of them has passed; `undefined` holds none. */
  hold(line: RegExp | undefined): void {
    [this.#stopped, this.#isHeld] = [line, false];
  }

  async #accept(): Promise<void> {
    for await (const from of this.#listener) {
      const to = await Deno.connect({ hostname: "127.0.0.1", port: this.#to }).catch(() => undefined);
      if (!to) {
        from.close();
        continue;
      }
      this.#open.add(from).add(to);
      void this.#copy(from, to, true);
      void this.#copy(to, from, false);
    }
  }

  async #copy(from: Deno.Conn, to: Deno.Conn, isRequest: boolean): Promise<void> {
    const bytes = new Uint8Array(2 ** 16);
    try {
      for (let count = await from.read(bytes); count !== null; count = await from.read(bytes)) {
        const part = bytes.subarray(0, count), text = isRequest ? new TextDecoder("latin1").decode(part) : "";
        const isHeld = this.#stopped?.test(text.split("\r\n", 1)[0]!) ?? false;
        // Enough for the header and the first bytes of the object.
        for (let at = 0, end = isHeld ? Math.max(1, count - 100) : count; at < end;) {
          at += await to.write(part.subarray(at, end));
        }
        if (isHeld) {
          this.#isHeld = true;
          return;
        }
      }
    } catch {
      // One side has closed the connection.
    }
    for (const connection of [from, to]) {
      this.#open.delete(connection);
      try {
        connection.close();
      } catch {
        // It is closed.
      }
    }
  }

  /** Ends all open connections. */
  close(): void {
    for (const connection of this.#open) {
      try {
        connection.close();
      } catch {
        // It is closed.
      }
    }
    this.#open.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.close();
    return Promise.resolve();
  }
}
