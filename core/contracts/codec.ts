import type { Rational } from "../time/rational.ts";
import type { Finding } from "./finding.ts";
import type { Color, Frame, Image, PixelFormat } from "./frame.ts";

/** One stream of a media file. */
export interface StreamInfo {
  /** Index in the file. */
  readonly index: number;
  /** What it carries. */
  readonly kind: "video" | "audio" | "subtitle" | "data" | "attachment";
  /** Its coding by the short name that tools use: `h264`, `aac`. */
  readonly codec: string;
  /** ISO 639 code, where the file says. */
  readonly language?: string | undefined;
  /** Title, where the file says. */
  readonly title?: string | undefined;
}

/** The video stream that is read. */
export interface VideoInfo {
  /** Index of the stream in the file. */
  readonly index: number;
  /** Its coding by the short name that tools use: `h264`, `png`. */
  readonly codec: string;
  /** Size as stored, before rotation. */
  readonly width: number;
  /** Size as stored, before rotation. */
  readonly height: number;
  /** Layout of the frames that reading gives. */
  readonly format: PixelFormat;
  /** Color tags as found. */
  readonly color: Color;
  /** Seconds a unit of the stream's time stamps. */
  readonly timebase: Rational;
  /** First time stamp in seconds. */
  readonly start: Rational;
  /** Average frames a second; a guide, the time stamps are the truth. */
  readonly rate: Rational;
  /** Whether header and time stamps agree on one constant rate as far as the header tells. */
  readonly constantRate: boolean;
  /** Number of frames as far as the header tells. */
  readonly frames?: number | undefined;
  /** Seconds as far as the header tells. */
  readonly duration?: Rational | undefined;
  /** Clockwise quarter turns by which a player rotates the stored picture. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Width over height of one pixel; 1 where unsaid. */
  readonly sampleAspect: Rational;
  /** Order of fields of an interlaced stream. */
  readonly fieldOrder: "progressive" | "tff" | "bff";
  /** How reading makes whole frames of interlaced ones, where that was asked for; all else here counts those frames. */
  readonly deinterlaced?: {
    /** Order of the fields. */
    readonly order: "tff" | "bff";
    /** What becomes a frame: each field, or the frames of a video that was laid out over fields. */
    readonly into: "fields" | "film";
  } | undefined;
}

/** What a source holds. */
export interface MediaInfo {
  /** The location as given. */
  readonly location: string;
  /** Container in a word: `mp4`, `matroska`, `images`. */
  readonly container: string;
  /** The stream whose frames `read` yields. */
  readonly video: VideoInfo;
  /** Every stream of the file, the video one too. */
  readonly streams: readonly StreamInfo[];
  /** Names of the frames in order, where each is a file of its own. */
  readonly frameNames?: readonly string[] | undefined;
  /** Number of chapters. */
  readonly chapters: number;
  /** What the user should know before work starts: guessed color, gaps in a sequence, interlacing. */
  readonly notes: readonly string[];
}

/** How a source is to be taken. */
export interface ProbeOptions {
  /** Whether an interlaced video is to be read as whole frames. @default {false} */
  readonly deinterlace?: boolean | undefined;
}

/** Which part of a source to read. */
export interface ReadOptions {
  /** Seconds from the first frame at which to begin: the first frame not before it is the first one given. */
  readonly start?: Rational | undefined;
  /** Seconds from the first frame before which to end. */
  readonly end?: Rational | undefined;
  /** Stops the reading and frees what it holds. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what went wrong without ending the stream, for example a truncated file whose whole frames were read. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The half of a codec that reads. */
export interface MediaSource {
  /** Whether this source is for the location, by its name or what lies there; cheap. */
  accepts(location: string): Promise<boolean>;
  /**
   * What the location holds.
   *
   * @throws {UsageError} If there is nothing readable there, or no video stream; the message names the location and the cause.
   */
  probe(location: string, options?: ProbeOptions): Promise<MediaInfo>;
  /** The frames in order of presentation, as they are stored, one at a time on demand. */
  read(info: MediaInfo, options?: ReadOptions): AsyncIterable<Frame>;
}

/** What a written file holds beside the frames. */
export interface CopyFrom {
  /** The source whose other streams, chapters and metadata go along. */
  readonly info: MediaInfo;
  /** The part of the source that is used, as in {@linkcode ReadOptions}. */
  readonly start?: Rational | undefined;
  /** The part of the source that is used, as in {@linkcode ReadOptions}. */
  readonly end?: Rational | undefined;
  /** Sound: copied, stretched by `slowdown`, or left out. */
  readonly audio: "keep" | "stretch" | "drop";
  /** How many times longer the video becomes; 1 unless in slow motion. */
  readonly slowdown: Rational;
}

/** How the work of a job outlives an interruption. */
export interface Resumption {
  /** What the frames depend on beside the other options of writing, by names for people: `weights`, `input`. */
  readonly facts: Readonly<Record<string, string>>;
  /** Whether what an interrupted run with the same facts has finished is used; otherwise it is replaced. */
  readonly resume: boolean;
  /** Told what becomes of such work, in a sentence; a warning where some of it is thrown away. */
  readonly onEvent: (event: { readonly type: "note" | "warning"; readonly message: string }) => void;
}

/** What is to be written. */
export interface WriteOptions {
  /** Target. A file is written beside it under a temporary name and renamed when finished. */
  readonly location: string;
  /** Size, layout and color of the frames that will come; `planes` is not looked at. */
  readonly image: Omit<Image, "planes">;
  /** Unit of the frames' time stamps, in seconds. */
  readonly timebase: Rational;
  /** Frames a second where it is constant. */
  readonly rate?: Rational | undefined;
  /** Width over height of one pixel. */
  readonly sampleAspect: Rational;
  /** Clockwise quarter turns by which a player rotates the picture. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Whether an existing target is replaced. */
  readonly overwrite: boolean;
  /** Encoder by the codec's own name; a default by the container where `undefined`. */
  readonly encoder?: string | undefined;
  /** Constant rate factor or its like for the encoder. */
  readonly crf?: number | undefined;
  /** Pixel format by a name that the codec knows: `yuv420p10le`. */
  readonly pixelFormat?: string | undefined;
  /** Where other streams come from. */
  readonly copy?: CopyFrom | undefined;
  /** Keeps finished work for a resumed run where the target allows it; without it, what is not finished is removed. */
  readonly resumption?: Resumption | undefined;
  /** Stops the writing, removes what is not kept for a resumed run, and leaves the target as it was. */
  readonly signal?: AbortSignal | undefined;
}

/** A stream or property that the target cannot take, and why. */
export interface Lost {
  /** What: `subtitle stream 3 (ass, eng)`, `alpha`, `10 bit`. */
  readonly what: string;
  /** Why: `mp4 takes mov_text only`. */
  readonly why: string;
}

/** What writing will do, found out before work starts. */
export interface WritePlan {
  /** Container in a word: `mp4`, `matroska`, `images`. */
  readonly container: string;
  /** Encoder by the codec's own name for it. */
  readonly encoder: string;
  /** Pixel format by the codec's own name for it. */
  readonly pixelFormat: string;
  /** The fastest rate that the container can hold, where there is one (GIF: 50). */
  readonly maxRate?: Rational | undefined;
  /** Whether the last frame's own duration is written as held copies: yes for video, no for image files. */
  readonly holdsLast: boolean;
  /** What cannot be kept. */
  readonly lost: readonly Lost[];
  /** What the user should know before work starts. */
  readonly notes: readonly string[];
}

/** An output that is being written. */
export interface FrameWriter {
  /**
   * Number of first frames that an interrupted run has finished. They must be written all the same, for their times; their
   * pictures are not looked at.
   *
   * @default {0}
   */
  readonly finished?: number;
  /** Takes the next frame in order of presentation; resolves when more can be taken. */
  write(frame: Frame): Promise<void>;
  /**
   * Ends the output and gives it its final name.
   *
   * @throws {JobError} If it could not be finished; names what was kept and where.
   */
  finish(): Promise<void>;
  /** Stops at once and removes what is not kept for a resumed run; does nothing after `finish`. */
  abort(): Promise<void>;
}

/** The half of a codec that writes. */
export interface MediaSink {
  /** Whether this sink is for the location, by its name; cheap. */
  accepts(location: string): Promise<boolean>;
  /**
   * Tries the encoder, container and streams on a few frames.
   *
   * @throws {UsageError} If it cannot be done; the message names the encoder or stream and the cause.
   */
  plan(options: WriteOptions): Promise<WritePlan>;
  /** Begins to write what was planned. */
  open(options: WriteOptions, plan: WritePlan): Promise<FrameWriter>;
}

/** A way of a codec's own to make frames between frames, for others to be compared with. */
export interface RateDoubler {
  /** Name in tables. */
  readonly name: string;
  /**
   * What it is and how it is set, for the reader of a report.
   *
   * @throws {UsageError} If this machine lacks what it needs.
   */
  describe(): Promise<string>;
  /**
   * A video of 8-bit RGB frames of one size at twice its rate. Frames come out while others go in; some may be held back at
   * either end.
   *
   * @throws {JobError} If it fails under way.
   */
  double(frames: AsyncIterable<Image>, signal?: AbortSignal): AsyncIterable<Image>;
}

/** Reads media, writes media, or both. */
export interface Codec {
  /** Absent from a codec that only writes. */
  readonly source?: MediaSource;
  /** Absent from a codec that only reads. */
  readonly sink?: MediaSink;
  /** Other ways to make frames that the codec knows. */
  readonly rateDoublers?: readonly RateDoubler[];
  /** What the codec needs on this machine and whether it is there. */
  inspect?(): Promise<readonly Finding[]>;
  /** Frees what the codec holds. */
  close?(): Promise<void>;
}
