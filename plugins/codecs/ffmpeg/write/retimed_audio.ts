import { add, compare, divide, multiply, type Rational, rational, round, subtract } from "@slomo/core/time";
import { outputTimeOf } from "@slomo/core/retime";
import { decimal } from "../decimal.ts";
import type { ProbedStream } from "../ffprobe.ts";
import { audioPart, trimFilter } from "./audio_part.ts";
import { lastSpeed, placed, type Placement, startOf } from "./placement.ts";
import { isUnchanged, tempoFilters } from "./tempo.ts";

/** A part of the audio that plays at one speed, maybe followed by silence. */
interface AudioPiece {
  /** Start in the source, in seconds. */
  readonly from: Rational;
  /** Speed: 1 is that of the source. */
  readonly speed: Rational;
  /** Start in the output, in seconds. */
  readonly begin: Rational;
  /** End of the sound in the output, in seconds. */
  readonly audible: Rational;
  /** End in the output, in seconds; silence follows the sound up to there. `undefined` for the end of the stream. */
  readonly end: Rational | undefined;
  /** Whether it begins with an onset, of which nothing may be heard in earlier pieces. @default {false} */
  readonly isOnset?: boolean;
}

const ONE = rational(1);

/** Seconds in which one piece fades into the next, so that joins do not click. */
const FADE = rational(1, 100);

/** Shortest piece in seconds of the output; the piece before a shorter one goes on instead. */
const SHORTEST = rational(1, 50);

/** Seconds of the source that are stretched after a piece, because `atempo` ends early. */
const CONTEXT = rational(1, 5);

/** Seconds before and after an onset that play at their own speed. */
const BEFORE_ONSET = rational(8, 1000), AFTER_ONSET = rational(20, 1000);

/** Returns the end of the sound of a piece in the source. */
const soundEnd = ({ from, speed, begin, audible }: AudioPiece): Rational =>
  add(from, multiply(subtract(audible, begin), speed));

/** Tests whether silence follows the sound of a piece. */
const isFilled = ({ audible, end }: AudioPiece): boolean => end !== undefined && compare(audible, end) < 0;

/** Returns the lines of a map as pieces of [from, to), in order. Held frames are silent. */
function linesOf(placement: Placement, from: Rational, to: Rational | undefined): AudioPiece[] {
  const { map: { points }, start } = placement.retiming!, at = (time: Rational) => placed(placement, time);
  const inner = points.map(({ source }) => add(start, source)).filter((source) =>
    compare(source, from) > 0 && (!to || compare(source, to) < 0)
  );
  const bounds = [from, ...inner, ...to ? [to] : []];
  const shift = subtract(at(from), outputTimeOf(placement.retiming!.map, subtract(from, start)));
  const pieces: AudioPiece[] = [];
  for (const [i, source] of bounds.entries()) {
    const next = bounds[i + 1];
    // The first time that a source time is shown; a frame that is held there follows.
    const held = points.filter((point) => compare(add(start, point.source), source) === 0).at(-1);
    const first = at(source), leaves = held ? add(held.output, shift) : first;
    if (next && compare(next, source) === 0) continue;
    if (compare(leaves, first) > 0 && (!to || compare(source, to) < 0)) {
      const last = pieces.pop();
      const silent = { from: source, speed: ONE, begin: first, audible: first };
      pieces.push({ ...last ?? silent, end: leaves });
    }
    if (to && !next) break;
    const begin = compare(leaves, first) > 0 ? leaves : first, end = next && at(next);
    const speed = next ? divide(subtract(next, source), subtract(end!, begin)) : lastSpeed(placement.retiming!);
    pieces.push({ from: source, speed: isUnchanged(speed) ? ONE : speed, begin, audible: end ?? begin, end });
  }
  return pieces;
}

/** Returns the lines at speed 1. Adjacent lines of other speeds become one piece: sound as far as it fits, then silence. */
function keptPieces(lines: readonly AudioPiece[]): AudioPiece[] {
  const pieces: AudioPiece[] = [];
  let wasChanged = false;
  for (const line of lines) {
    const isChanged = compare(line.speed, ONE) !== 0 || isFilled(line);
    if (isChanged) {
      const piece = wasChanged ? pieces.pop()! : line;
      const sound = line.end && add(piece.begin, subtract(soundEnd(line), piece.from));
      const audible = sound && compare(sound, line.end!) < 0 ? sound : line.end ?? piece.begin;
      pieces.push({ ...piece, speed: ONE, audible, end: line.end });
    } else pieces.push(line);
    wasChanged = isChanged;
  }
  return pieces;
}

/** Joins pieces of one speed, and lets the piece before one that is too short go on instead. */
function joined(pieces: readonly AudioPiece[]): AudioPiece[] {
  const result: AudioPiece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1), isSilent = last !== undefined && isFilled(last);
    const isShort = piece.end !== undefined && compare(subtract(piece.end, piece.begin), SHORTEST) < 0;
    const goesOn = last && !isSilent && !piece.isOnset && compare(last.speed, piece.speed) === 0;
    if (last && (isShort || goesOn)) {
      const audible = isSilent ? last.audible : piece.audible;
      result[result.length - 1] = { ...last, audible, end: piece.end };
    } else result.push(piece);
  }
  return result;
}

const isSound = ({ audible, end }: AudioPiece) => end !== undefined && compare(audible, end) === 0;

/** Returns the pieces with another piece at speed 1 around each onset, which lies exactly where it is due. */
function withOnsets(
  lines: readonly AudioPiece[],
  onsets: readonly Rational[],
  due: (time: Rational) => Rational,
): AudioPiece[] {
  let pieces = [...lines];
  for (const onset of onsets) {
    const at = due(onset), from = subtract(onset, BEFORE_ONSET), to = add(onset, AFTER_ONSET);
    const begin = subtract(at, BEFORE_ONSET), end = add(at, AFTER_ONSET);
    const i = pieces.findLastIndex((piece) =>
      compare(piece.from, from) < 0 && compare(add(piece.begin, SHORTEST), begin) <= 0
    );
    const isAfter = ({ from, begin }: Pick<AudioPiece, "from" | "begin">) =>
      compare(to, from) < 0 && compare(add(end, SHORTEST), begin) <= 0;
    const j = pieces.findIndex((piece, index) => index > i && isAfter(piece));
    const inside = pieces.slice(i, j < 0 ? undefined : j), last = inside.at(-1);
    if (i < 0 || !last?.end || !inside.every(isSound) || inside.every(({ speed }) => isUnchanged(speed))) continue;
    const next = pieces[j] ?? { from: soundEnd(last), begin: last.end };
    if (!isAfter(next)) continue;
    const speed = (a: Pick<AudioPiece, "from" | "begin">, b: typeof a) =>
      divide(subtract(b.from, a.from), subtract(b.begin, a.begin));
    const first = inside[0]!, around = { from, begin }, rest = { from: to, begin: end };
    const own = { ...around, speed: ONE, audible: end, end, isOnset: true };
    const before = { ...first, speed: speed(first, around), audible: begin, end: begin };
    const after = { ...rest, speed: speed(rest, next), audible: next.begin, end: next.begin };
    pieces = [...pieces.slice(0, i), before, own, after, ...j < 0 ? [] : pieces.slice(j)];
  }
  return pieces;
}

/** How pieces become samples. */
interface Samples {
  /** Samples per second. */
  readonly rate: Rational;
  /** Samples of a fade, an even number. */
  readonly fade: bigint;
  /** Whether pieces overlap by a fade. */
  readonly crossfades: boolean;
  /** Time in the source before which there is no audio. */
  readonly earliest: Rational;
}

/** Where a piece is. */
interface PiecePlace {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Time in the source at which the next piece with an onset begins. */
  readonly onset: Rational | undefined;
}

const earliestOf = (a: Rational, b: Rational): Rational => compare(a, b) <= 0 ? a : b;

/** Returns the filters of a piece; it is longer by half of a fade where another piece is before or after it. */
function pieceFilter(
  piece: AudioPiece,
  { isFirst, isLast, onset }: PiecePlace,
  { rate, fade, crossfades, earliest }: Samples,
): string {
  const { from, speed, begin, audible, end } = piece, isSilent = isFilled(piece);
  const samplesOf = (seconds: Rational) => round(multiply(seconds, rate));
  const half = crossfades ? fade / 2n : 0n, halfFade = divide(FADE, rational(2));
  const early = subtract(from, multiply(halfFade, speed));
  const start = isFirst ? from : compare(early, earliest) < 0 ? earliest : early;
  const last = soundEnd(piece), wanted = add(add(last, multiply(halfFade, speed)), CONTEXT);
  // The stretching could take the onset earlier; only a fade at the end may have its beginning.
  const most = onset &&
    (compare(onset, last) <= 0 ? add(onset, earliestOf(halfFade, multiply(halfFade, speed))) : onset);
  const until = most ? earliestOf(most, wanted) : wanted;
  const head = isFirst ? 0n : half, tail = isLast ? 0n : half;
  const lead = samplesOf(divide(subtract(from, start), speed)) - head;
  const length = end && samplesOf(end) - samplesOf(begin) + head + tail;
  const sound = samplesOf(audible) - samplesOf(begin) + head, ramp = sound < fade ? sound : fade;
  const tempo = tempoFilters(divide(ONE, speed));
  return [
    trimFilter({ from: start, to: end && until }),
    "asetpts=PTS-STARTPTS",
    // Silence takes the place of what follows.
    ...end && tempo.length > 0 ? [`apad=pad_len=${samplesOf(CONTEXT)}`] : [],
    ...tempo,
    ...lead > 0n ? [`atrim=start_sample=${lead}`, "asetpts=PTS-STARTPTS"] : [],
    ...isSilent && ramp > 0n ? [`afade=t=out:start_sample=${sound - ramp}:nb_samples=${ramp}`] : [],
    ...isSilent && ramp <= 0n ? ["volume=0"] : [],
    ...isSilent ? [`atrim=end_sample=${sound > 0n ? sound : 1n}`] : [],
    ...length !== undefined ? [`apad=whole_len=${length}`, `atrim=end_sample=${length}`] : [],
    ...crossfades || isFirst ? [] : [`afade=t=in:nb_samples=${fade / 4n}`],
    ...crossfades || isLast || !length
      ? []
      : [`afade=t=out:start_sample=${length - fade / 4n}:nb_samples=${fade / 4n}`],
  ].join(",");
}

/** How parts of different speeds are joined. */
export interface AudioJoins {
  /** Sudden sounds in seconds of the source, which play at their own speed. */
  readonly onsets: readonly Rational[];
  /** Whether parts fade into each other; otherwise each fades out before the next fades in. */
  readonly crossfades: boolean;
}

/** How audio follows a time map. */
export interface RetimedAudioOptions extends AudioJoins {
  /** Whether audio is stretched with the video; otherwise it keeps its speed, and is silent for the rest of parts that are slower. */
  readonly stretched: boolean;
}

/**
 * Returns the filter that makes an audio stream follow a time map: each line of it is stretched by itself, with the pitch
 * kept, and the results fade into each other. The length of each is exact to the sample.
 */
export function retimedAudio(
  stream: ProbedStream,
  placement: Placement,
  { stretched, onsets, crossfades }: RetimedAudioOptions,
): string {
  const rate = rational(BigInt(stream.sample_rate ?? 48_000)), fade = round(multiply(FADE, rate)) / 2n * 2n;
  const { from, to } = audioPart(stream, placement);
  const lines = linesOf(placement, from, to && compare(to, from) > 0 ? to : undefined);
  const due = (time: Rational) => placed(placement, time);
  const pieces = joined(stretched ? withOnsets(joined(lines), onsets, due) : keptPieces(lines));
  const samples = { rate, fade, crossfades, earliest: startOf(stream) ?? placement.first }, last = pieces.length - 1;
  const filters = pieces.map((piece, i) => {
    const onset = pieces.find(({ isOnset }, k) => k > i && isOnset)?.from;
    return pieceFilter(piece, { isFirst: i === 0, isLast: i === last, onset }, samples);
  });
  const placing = `asetpts=N/SR/TB+${decimal(due(from))}/TB`, prepared = `aresample=async=1`;
  if (filters.length === 1) return [prepared, ...filters, placing].join(",");
  const labels = filters.map((_, i) => `[i${i}]`).join("");
  const chains = filters.map((filter, i) => `[i${i}]${filter}[o${i}]`);
  const outputs = filters.map((_, i) => `[o${i}]`).join("");
  const fades = !crossfades ? [`${outputs}concat=n=${filters.length}:v=0:a=1`] : filters.slice(1).map((_, i) => {
    const before = i === 0 ? "[o0]" : `[x${i}]`, after = i + 1 === last ? "" : `[x${i + 1}]`;
    return `${before}[o${i + 1}]acrossfade=ns=${fade}:c1=tri:c2=tri${after}`;
  });
  return `${[`${prepared},asplit=${filters.length}${labels}`, ...chains, ...fades].join(";")},${placing}`;
}
