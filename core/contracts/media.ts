import type { TimeMap } from "../retime/time_map.ts";
import type { Rational } from "../time/rational.ts";
import type { Finding } from "./finding.ts";
import type { Color, Frame, Image, PixelFormat } from "./frame.ts";
import type { SegmentSink } from "./segments.ts";

/** One stream of a media file. */
export interface StreamInfo {
  /** Index in the file. */
  readonly index: number;
  /** Type of the stream. */
  readonly kind: "video" | "audio" | "subtitle" | "data" | "attachment";
  /** Short name of the codec: `h264`, `aac`. */
  readonly codec: string;
  /** ISO 639 code, if the file has one. */
  readonly language?: string | undefined;
  /** Title, if the file has one. */
  readonly title?: string | undefined;
}

/** The video stream that is read. */
export interface VideoInfo {
  /** Index of the stream in the file. */
  readonly index: number;
  /** Short name of the codec: `h264`, `png`. */
  readonly codec: string;
  /** Width in pixels as stored, before rotation. */
  readonly width: number;
  /** Height in pixels as stored, before rotation. */
  readonly height: number;
  /** Pixel format of the frames that reading yields. */
  readonly format: PixelFormat;
  /** Color tags of the stream. */
  readonly color: Color;
  /** Time base of the frames that reading yields: seconds per unit of their timestamps. */
  readonly timebase: Rational;
  /** Timestamp of the first frame, in seconds. */
  readonly start: Rational;
  /** Average frame rate. An estimate; the timestamps of the frames are authoritative. */
  readonly rate: Rational;
  /** Whether the header and the timestamps indicate a constant frame rate. */
  readonly constantRate: boolean;
  /** Number of frames according to the header. */
  readonly frames?: number | undefined;
  /** Duration in seconds according to the header. */
  readonly duration?: Rational | undefined;
  /** Clockwise rotation in degrees that a player applies to the stored frames. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Sample aspect ratio: width over height of one pixel; 1 if the file does not say. */
  readonly sampleAspect: Rational;
  /** Field order of an interlaced stream. */
  readonly fieldOrder: "progressive" | "tff" | "bff";
  /** How reading deinterlaces the video, if requested; all other values here describe the deinterlaced frames. */
  readonly deinterlaced?: {
    /** Field order of the stored frames. */
    readonly order: "tff" | "bff";
    /** `fields`: each field becomes a frame. `film`: inverse telecine restores the frames of the film. */
    readonly into: "fields" | "film";
  } | undefined;
}

/** Describes a media file or an image sequence. */
export interface MediaInfo {
  /** The location as given. */
  readonly location: string;
  /** Short name of the container: `mp4`, `matroska`, `images`. */
  readonly container: string;
  /** The video stream that is read. */
  readonly video: VideoInfo;
  /** All streams of the file, including the video stream. */
  readonly streams: readonly StreamInfo[];
  /** File names of the frames in order, if each frame is a file. */
  readonly frameNames?: readonly string[] | undefined;
  /** Number of chapters. */
  readonly chapters: number;
  /** Remarks for the user before work starts, such as a guessed color matrix, gaps in a sequence, or interlacing. */
  readonly notes: readonly string[];
  /** Assumptions about properties that the file does not state, such as the usual color matrix. They are rarely wrong. */
  readonly assumptions?: readonly string[] | undefined;
}

/** How to open a source. */
export interface OpenOptions {
  /** Whether to deinterlace an interlaced video. @default {false} */
  readonly deinterlace?: boolean | undefined;
  /** Stops opening; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Which part of a source to read. */
export interface ReadOptions {
  /** Start of the part, in seconds from the first frame: frames before it are skipped. */
  readonly start?: Rational | undefined;
  /** End of the part, in seconds from the first frame, exclusive. */
  readonly end?: Rational | undefined;
  /** Stops reading and frees its resources; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called for a problem that does not end the stream, such as a truncated file whose complete frames were read. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /**
   * Called if decoding had reported errors when the iteration ended before the source did. They may be about frames that were not
   * yielded, such as those before `start` that decoding began with.
   */
  readonly onErrors?: (() => void) | undefined;
}

/** An open source. */
export interface MediaReader {
  /** Describes the source. */
  readonly info: MediaInfo;
  /**
   * Yields the frames in presentation order, as they are stored, one at a time on demand, with timestamps in
   * `info.video.timebase`. May be called more than once; ending an iteration early frees its resources.
   *
   * @throws {UsageError} If the requested part contains no frame.
   * @throws {JobError} If the source is damaged or decoding fails.
   */
  frames(options?: ReadOptions): AsyncIterable<Frame>;
  /** Frees the source; iterations that are still running end with an error. */
  close(): Promise<void>;
}

/** The reading half of a media handler. */
export interface MediaSource {
  /** Returns whether this source reads the location, judged by its name or by the files there; cheap. */
  accepts(location: string): Promise<boolean>;
  /**
   * Opens a location.
   *
   * @throws {UsageError} If nothing readable exists there, or it has no video stream; the message names the location and the
   * cause.
   */
  open(location: string, options?: OpenOptions): Promise<MediaReader>;
}

/** Where the other streams of a written file come from. */
export interface CopyFrom {
  /** The source, whose other streams, chapters and metadata are copied. */
  readonly source: MediaReader;
  /** Start of the part that is used, as in {@linkcode ReadOptions}. */
  readonly start?: Rational | undefined;
  /** End of the part that is used, as in {@linkcode ReadOptions}. */
  readonly end?: Rational | undefined;
  /** Audio: copied, stretched by `slowdown`, or left out. */
  readonly audio: "keep" | "stretch" | "drop";
  /** How many times longer the video becomes; 1 unless in slow motion. */
  readonly slowdown: Rational;
  /**
   * Maps times of the output to times of the source, if the speed varies; `slowdown` is 1 then. Other streams follow it: audio is
   * stretched with the video, or keeps its speed and is silent for the rest of each part that is slower.
   */
  readonly retime?: TimeMap | undefined;
}

/** How to continue the work of an interrupted run. */
export interface Resumption {
  /**
   * Returns everything that the frames depend on besides the options of writing, by readable names: `weights`, `input`. It
   * takes some time, so call it when there is work to compare or to store.
   */
  readonly facts: () => Promise<Readonly<Record<string, string>>>;
  /** Whether to use the finished work of an interrupted run with the same facts; otherwise it is replaced. */
  readonly resume: boolean;
  /** Called with one sentence about such work; a warning if some of it is discarded. */
  readonly onEvent: (event: { readonly type: "note" | "warning"; readonly message: string }) => void;
}

/** How to write a target. */
export interface WriteOptions {
  /** Target. A file is written beside it under a temporary name and renamed when it is complete. */
  readonly location: string;
  /** Size, pixel format and color of the frames. */
  readonly image: Omit<Image, "planes">;
  /** Time base of the frames. */
  readonly timebase: Rational;
  /** Frame rate, if it is constant. */
  readonly rate?: Rational | undefined;
  /** Estimated mean frame rate, if it is not constant. */
  readonly meanRate?: Rational | undefined;
  /** Sample aspect ratio: width over height of one pixel. */
  readonly sampleAspect: Rational;
  /** Clockwise rotation in degrees that a player applies to the frames. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Whether to replace an existing target. */
  readonly overwrite: boolean;
  /** Encoder by the handler's name for it; by default the handler chooses one for the container. */
  readonly encoder?: string | undefined;
  /** Constant rate factor, or the closest setting of the encoder. */
  readonly crf?: number | undefined;
  /** Pixel format by the handler's name for it: `yuv420p10le`. */
  readonly pixelFormat?: string | undefined;
  /** Where other streams come from. */
  readonly copy?: CopyFrom | undefined;
  /** Stops planning. */
  readonly signal?: AbortSignal | undefined;
}

/** How to run a writer. */
export interface WriterOptions {
  /** Keeps finished work for a resumed run, if the target supports it; without it, unfinished work is removed. */
  readonly resumption?: Resumption | undefined;
  /** Stops writing, removes output that no resumed run can use, and leaves the target unchanged. */
  readonly signal?: AbortSignal | undefined;
}

/** A stream or property that the target cannot hold. */
export interface DroppedItem {
  /** The dropped item: `subtitle stream 3 (ass, eng)`, `alpha`, `10 bit`. */
  readonly what: string;
  /** The reason: `mp4 takes mov_text only`. */
  readonly why: string;
}

/** A tested plan for writing a target. */
export interface WritePlan {
  /** Short name of the container: `mp4`, `matroska`, `images`. */
  readonly container: string;
  /** Encoder by the handler's name for it. */
  readonly encoder: string;
  /** Pixel format by the handler's name for it. */
  readonly pixelFormat: string;
  /** The highest frame rate of the container, if it has one (GIF: 50). */
  readonly maxRate?: Rational | undefined;
  /** Whether the last frame is shown for its own duration: true for video, false for image files. */
  readonly holdsLast: boolean;
  /** Streams and properties that the target cannot hold. */
  readonly dropped: readonly DroppedItem[];
  /** Remarks for the user before work starts. */
  readonly notes: readonly string[];
  /**
   * Starts writing as planned; called at most once.
   *
   * @throws {UsageError} If another process is writing the same target.
   */
  open(options?: WriterOptions): Promise<FrameWriter>;
  /** Writes the target in segments instead; absent if it can only be written in one run. */
  readonly segments?: SegmentSink | undefined;
}

/** An output that is being written. */
export interface FrameWriter {
  /**
   * Number of leading frames that an interrupted run has finished. They must still be written for their timestamps; their
   * pixels are ignored.
   *
   * @default {0}
   */
  readonly finished?: number;
  /** Writes the next frame in presentation order; resolves when the writer is ready for another. */
  write(frame: Frame): Promise<void>;
  /**
   * Completes the output and gives it its final name.
   *
   * @throws {JobError} If it cannot be completed; the message names the partial output that was kept.
   */
  finish(): Promise<void>;
  /** Stops at once and removes output that no resumed run can use; does nothing after `finish`. */
  abort(): Promise<void>;
}

/** The writing half of a media handler. */
export interface MediaSink {
  /** Returns whether this sink writes the location, judged by its name; cheap. */
  accepts(location: string): Promise<boolean>;
  /**
   * Tests the encoder, the container and the streams on a few frames.
   *
   * @throws {UsageError} If the target cannot be written; the message names the encoder or stream and the cause.
   */
  plan(options: WriteOptions): Promise<WritePlan>;
}

/** A media handler: reads media, writes media, or both. */
export interface MediaHandler {
  /** Absent from a handler that only writes. */
  readonly source?: MediaSource;
  /** Absent from a handler that only reads. */
  readonly sink?: MediaSink;
  /** Checks this machine for the programs and libraries that the handler needs. */
  inspect?(signal?: AbortSignal): Promise<readonly Finding[]>;
  /** Frees the handler's resources, including those of its open readers. */
  close?(): Promise<void>;
}

/** Another method of frame rate doubling, as a baseline for comparisons. */
export interface RateDoubler {
  /**
   * Returns the method and its settings for the reader of a report.
   *
   * @throws {UsageError} If a program that the method needs is missing on this machine.
   */
  describe(): Promise<string>;
  /**
   * Yields a video at twice the rate of its input. Output may begin before the input ends; frames may be missing at either
   * end.
   *
   * @param frames 8-bit RGB images of one size.
   * @throws {JobError} If the method fails.
   */
  double(frames: AsyncIterable<Image>, signal?: AbortSignal): AsyncIterable<Image>;
}

/** An interpolated frame and its ground truth, 8-bit RGB images of one size. */
export type PairOfImages = readonly [interpolated: Image, groundTruth: Image];

/** Scores whole videos against their ground truth, for evaluation. Higher is better. */
export interface VideoMetric {
  /** Title of the score in reports, such as `VMAF`. */
  readonly title: string;
  /**
   * Returns the metric and its settings for the reader of a report.
   *
   * @throws {UsageError} If a program that the metric needs is missing on this machine, or cannot measure.
   */
  describe(): Promise<string>;
  /**
   * Measures a video.
   *
   * @param frames Frames with their ground truth, in order, all of one size.
   * @returns The score.
   * @throws {JobError} If the metric fails.
   */
  measure(frames: AsyncIterable<PairOfImages>, signal?: AbortSignal): Promise<number>;
}
