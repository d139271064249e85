import {
  type DroppedItem,
  type FrameWriter,
  UsageError,
  type WriteOptions,
  type WritePlan,
  type WriterOptions,
} from "@slomo/core";
import { rational } from "@slomo/core/time";
import type { FfmpegTools } from "../locate.ts";
import { hasPackets } from "../ffprobe.ts";
import { probeMedia } from "../probe.ts";
import { FfmpegReader } from "../read.ts";
import { type Container, containerOf } from "./containers.ts";
import { checkRate } from "./distinct_times.ts";
import { chooseEncoder, type EncoderFacts } from "./encoder_facts.ts";
import { qualityOptions } from "./encoder_options.ts";
import { pixelRotation, type VideoSource, type WriteJob } from "./write_job.ts";
import { choosePixelFormat, type PixelChoice } from "./pixel_choice.ts";
import {
  audioEncoder,
  describeStream,
  isSubtitle,
  lostChannels,
  planStreams,
  type StreamCopy,
  type StreamPlan,
} from "./streams.ts";
import { withOpusDelays } from "./opus_delay.ts";
import { segmentFrames } from "./segment.ts";
import { segmentSink } from "./segment_sink.ts";
import { droppedSideData } from "./side_data.ts";
import { keepTags, type TrialFile } from "./kept_tags.ts";
import { droppedTags } from "./tags.ts";
import { checkFolder, checkTarget } from "./target.ts";
import { trialError, tryVideo } from "./trial.ts";
import { GifWriter } from "./gif_writer.ts";
import { VideoWriter } from "./writer.ts";
import { hasPacketTimes } from "../version.ts";

const NO_STREAMS: StreamPlan = { copies: [], chapters: false, dropped: [], notes: [] };

/** Smallest width and height that libx265 encodes. */
const LEAST_HEVC = 16;

/**
 * Returns the default encoders: HEVC for more than 8 bits, which players support in no other format, unless the frame is too
 * small for it; else the container's.
 */
function defaultEncoders(
  { encoders }: Container,
  { image: { width, height, format } }: WriteOptions,
): readonly string[] {
  const isDeep = format.depth > 8 && encoders[0] === "libx264" && Math.min(width, height) >= LEAST_HEVC;
  return isDeep ? ["libx265", ...encoders] : encoders;
}

async function sourceOf(tools: FfmpegTools, { copy }: WriteOptions): Promise<VideoSource | undefined> {
  if (!copy || copy.source.info.container === "images") return undefined;
  const { source } = copy, { info } = source;
  const { details } = source instanceof FfmpegReader ? source : await probeMedia(tools, info.location);
  if (details.joined && copy.retime) {
    throw new UsageError(
      `${info.location}: cannot change the speed of its audio: its timestamps are discontinuous; ` +
        `remux it first: ffmpeg -i ${info.location} -c copy fixed.mkv`,
    );
  }
  if (details.joined && (copy.start !== undefined || copy.end !== undefined)) {
    throw new UsageError(
      `${info.location}: cannot apply \`start\` and \`end\` to its audio: its timestamps are discontinuous; ` +
        `remux it first: ffmpeg -i ${info.location} -c copy fixed.mkv`,
      { option: copy.start === undefined ? "end" : "start" },
    );
  }
  return { info, details };
}

/** Returns the pixel format of GIF frames before the palette is applied. */
function gifPixels({ image: { width, height, format }, encoder, pixelFormat, copy }: WriteOptions): PixelChoice {
  if (Math.max(width, height) > 65535) {
    throw new UsageError(
      `gif: cannot write ${width}×${height}: the limit is 65535 pixels a side; choose another container`,
      { code: "encoder-failed" },
    );
  }
  if (encoder !== undefined && encoder !== "gif") {
    throw new UsageError(`gif: cannot use \`encoder\` ${encoder}; leave it out`, { option: "encoder" });
  }
  if (pixelFormat !== undefined) {
    throw new UsageError(`gif: cannot use \`pixelFormat\` ${pixelFormat}: frames have a palette; leave it out`, {
      option: "pixelFormat",
    });
  }
  return {
    name: format.alpha ? "bgra" : "bgr0",
    layout: { model: "rgb", depth: 8, chroma: [1, 1], alpha: format.alpha },
    dropped: copy?.source.info.container === "gif" ? [] : [{ what: "full color", why: "gif has 256 colors" }],
  };
}

/** A video with a pixel format that its encoder accepted in a trial. */
interface Settled {
  /** The video, without other streams. */
  readonly job: WriteJob;
  /** Whether the trial with the other streams succeeded. */
  readonly withStreams: boolean;
  /** Whether the output of that trial has all streams. */
  readonly isComplete: boolean;
}

/** Determines the pixel format by trials, first with the wanted streams, then with the video alone. */
async function settlePixels(
  job: Omit<WriteJob, "pixel" | "streams">,
  wanted: StreamPlan,
  signal?: AbortSignal,
): Promise<Settled> {
  const { options, encoder } = job;
  if (job.container.name === "gif") {
    return { job: { ...job, pixel: gifPixels(options), streams: NO_STREAMS }, withStreams: false, isComplete: true };
  }
  const chosen = choosePixelFormat(options.image, encoder, { pixelFormat: options.pixelFormat })!;
  const isOdd = options.image.width % 2 === 1 || options.image.height % 2 === 1;
  const wide = isOdd && options.pixelFormat === undefined && choosePixelFormat(options.image, encoder, { wide: true });
  // The ProRes encoders accept an odd width in 4:2:2, but lose the colors of the last column.
  const prefersWide = encoder.name.startsWith("prores") && options.image.width % 2 === 1;
  const choices = !wide || wide.name === chosen.name ? [chosen] : prefersWide ? [wide] : [chosen, wide];
  const failures: string[] = [];
  for (const choice of choices) {
    for (const copies of wanted.copies.length > 0 ? [wanted.copies, []] : [[]]) {
      const attempted: WriteJob = { ...job, pixel: choice, streams: NO_STREAMS };
      let pixel = choice, isComplete = true;
      const onFile = (file: TrialFile) => {
        pixel = keepTags(attempted, file);
        isComplete = file.streams.length > copies.length;
      };
      const failure = await tryVideo(attempted, { copies, signal, onFile });
      if (failure === undefined) {
        return { job: { ...attempted, pixel }, withStreams: copies.length > 0, isComplete };
      }
      if (copies.length === 0) failures.push(failure);
    }
  }
  throw trialError({ ...job, pixel: chosen, streams: NO_STREAMS }, failures[0]!);
}

/** Tries the streams one by one after they failed together. A stream that fails is converted if it is audio, else reported as dropped. */
async function settleStreams(job: WriteJob, wanted: StreamPlan, signal?: AbortSignal): Promise<StreamPlan> {
  const copies: StreamCopy[] = [], dropped: DroppedItem[] = [...wanted.dropped], notes: string[] = [...wanted.notes];
  for (const copy of wanted.copies) {
    const failure = await tryVideo(job, { copies: [copy], signal });
    if (failure === undefined) {
      copies.push(copy);
      continue;
    }
    const encoder = copy.stream.codec_type === "audio" ? audioEncoder(job.container, copy.stream) : undefined;
    const converted = encoder && encoder !== copy.codec ? { ...copy, codec: encoder } : undefined;
    if (converted && await tryVideo(job, { copies: [converted], signal }) === undefined) {
      copies.push(converted);
      dropped.push(...lostChannels(copy.stream, converted.codec));
      notes.push(
        `${describeStream(copy.stream)} is converted to ${encoder}: ${job.container.name} does not support it`,
      );
    } else {
      const why = `${job.container.name} does not support it: ${failure}`;
      dropped.push({ what: describeStream(copy.stream), why });
    }
  }
  return { ...wanted, copies, dropped, notes };
}

/** Drops audio streams without packets, which some muxers do not write. */
async function dropEmpty({ tools, source }: WriteJob, plan: StreamPlan): Promise<StreamPlan> {
  const copies: StreamCopy[] = [], dropped: DroppedItem[] = [...plan.dropped];
  for (const copy of plan.copies) {
    const { stream } = copy, isAudio = stream.codec_type === "audio";
    if (!isAudio || !source || await hasPackets(tools, source.info.location, stream.index).catch(() => true)) {
      copies.push(copy);
    } else dropped.push({ what: describeStream(stream), why: "it is empty" });
  }
  return { ...plan, copies, dropped };
}

/** Drops the subtitles, whose times an ffmpeg before 5.0 cannot change. */
function withoutSubtitles(plan: StreamPlan): StreamPlan {
  const why = "this ffmpeg cannot change its times, 5.0 and later can";
  const dropped = plan.copies.filter(isSubtitle).map(({ stream }) => ({ what: describeStream(stream), why }));
  const copies = plan.copies.filter((copy) => !isSubtitle(copy));
  return { ...plan, copies, dropped: [...plan.dropped, ...dropped] };
}

function videoNotes(job: WriteJob, encoder: EncoderFacts): string[] {
  const { options, pixel } = job, { width, height } = options.image, rotation = pixelRotation(job);
  const notes: string[] = [];
  const isOdd = (width % 2 === 1 || height % 2 === 1) && options.pixelFormat === undefined;
  const isWide = isOdd && pixel.layout?.model === "yuv" && pixel.layout.chroma[0] === 1 &&
    options.image.format.chroma[0] !== 1;
  if (isWide) {
    notes.push(
      `${width}×${height} is odd, so ${encoder.name} encodes ${pixel.name}, which some players do not support`,
    );
  }
  if (rotation !== 0) notes.push(`frames are stored upright instead of with a rotation of ${rotation} degrees`);
  const { copy } = options, isPart = copy?.start !== undefined || copy?.end !== undefined;
  const isFitted = isPart || copy !== undefined && copy.slowdown.num !== copy.slowdown.den;
  if (isFitted && job.streams.copies.some(isSubtitle) && !hasPacketTimes(job.tools.version)) {
    notes.push("subtitles keep their durations of the source: this ffmpeg cannot change them, 5.0 and later can");
  }
  return notes;
}

/**
 * Chooses container, encoder, pixel format and streams, and tests them on a few frames.
 *
 * @param segments Frames per segment; by the frame size if `undefined`.
 * @throws {UsageError} If the video cannot be written with these options.
 */
export async function planVideo(
  tools: FfmpegTools,
  options: WriteOptions,
  segments: number | undefined,
): Promise<WritePlan> {
  const { location, overwrite, copy, signal } = options, container = containerOf(location);
  checkRate(container, options);
  await checkTarget(location, overwrite, copy?.source.info.location);
  await checkFolder(location);
  const source = await sourceOf(tools, options);
  const encoder = await chooseEncoder(tools, options.encoder, defaultEncoders(container, options));
  const quality = qualityOptions(encoder.name, options.crf, encoder.takesCrf);
  const planned = source && copy ? planStreams(container, source.details, copy, source.info.video.index) : NO_STREAMS;
  const wanted = copy?.retime && !hasPacketTimes(tools.version) ? withoutSubtitles(planned) : planned;
  const { job: base, withStreams, isComplete } = await settlePixels(
    {
      tools,
      container,
      encoder,
      quality,
      options,
      source,
      segmentFrames: segments ?? segmentFrames(options.image),
    },
    wanted,
    signal,
  );
  const tried = withStreams || wanted.copies.length === 0 ? wanted : await settleStreams(base, wanted, signal);
  const settled = withStreams && isComplete ? tried : await dropEmpty(base, tried);
  const copies = source
    ? await withOpusDelays(settled.copies, { tools, container, location: source.info.location })
    : settled.copies;
  const streams = { ...settled, copies }, job: WriteJob = { ...base, streams };
  const sideData = source ? droppedSideData(source.details, source.info.video.index, encoder.name) : [];
  return {
    container: container.name,
    encoder: encoder.name,
    pixelFormat: container.name === "gif" ? "pal8" : base.pixel.name,
    maxRate: container.name === "gif" ? rational(50) : undefined,
    holdsLast: true,
    dropped: [...base.pixel.dropped, ...sideData, ...streams.dropped, ...droppedTags(job)],
    notes: [...videoNotes(job, encoder), ...streams.notes],
    open: async (run = {}) => await openWriter(job, run),
    segments: container.name === "gif" ? undefined : segmentSink(job),
  };
}

/** Opens the writer of a planned video. */
async function openWriter(planned: WriteJob, { resumption, signal }: WriterOptions): Promise<FrameWriter> {
  const job: WriteJob = { ...planned, options: { ...planned.options, resumption, signal } };
  if (job.container.name !== "gif") return await VideoWriter.open(job);
  if (resumption?.resume) {
    const message = "a GIF has one palette for all frames and is written in one run; `resume` is ignored";
    resumption.onEvent({ type: "note", message });
  }
  return new GifWriter(job);
}
