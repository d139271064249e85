import { readAt } from "../../read_at.ts";

/** Bytes of a packet of MPEG-TS. */
const PACKET = 188;

/** Number of packets from which ffmpeg detects a file as MPEG-TS, whatever they contain. */
const DETECTED = 44;

/** Appends null packets to an MPEG-TS file that is so short that ffmpeg would not detect it. */
export async function padTransport(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const { size } = await file.stat(), missing = DETECTED - Math.ceil(size / PACKET);
  const isTransport = size > 0 && size % PACKET === 0 && (await readAt(file, 0, 1))[0] === 0x47;
  if (missing <= 0 || !isTransport) return;
  const padding = new Uint8Array(missing * PACKET).fill(0xff);
  // Sync byte, the packet identifier 0x1fff of null packets, payload only.
  for (let at = 0; at < padding.length; at += PACKET) padding.set([0x47, 0x1f, 0xff, 0x10], at);
  await file.seek(0, Deno.SeekMode.End);
  for (let at = 0; at < padding.length;) at += await file.write(padding.subarray(at));
}
