/** Data that the server and the page exchange. */
import type { ConversionEstimate } from "@slomo/slomo";

/** Options by name, as the form has them: text, `true` for a switch, `false` for an option that is turned off. */
export type Settings = Readonly<Record<string, string | boolean>>;

/** A file or folder in a {@linkcode Listing}. */
export interface Entry {
  /** Number of the folder and path in it: `0/sub/clip.mp4`. */
  readonly id: string;
  /** Name of the file. */
  readonly name: string;
  /** A video file, a folder of images that are a video, or any other folder. */
  readonly kind: "video" | "images" | "folder";
  /** Size of the file. */
  readonly bytes: number;
  /** Time of the last change in milliseconds. */
  readonly changed: number | undefined;
}

/** The contents of a folder. */
export interface Listing {
  /** As of {@linkcode Entry}. */
  readonly id: string;
  /** Name of the folder. */
  readonly name: string;
  /** Its path on the machine of the server. */
  readonly path: string;
  /** Folders first, then videos. */
  readonly entries: readonly Entry[];
}

/** State of the server for the start of the page. */
export interface AppState {
  /** Version of slomo. */
  readonly version: string;
  /** Names of the folders; their numbers are the first part of {@linkcode Entry.id}. */
  readonly folders: readonly string[];
  /** Number of the folder for uploads and results. */
  readonly out: number;
  /** Path of that folder, for the command line. */
  readonly outPath: string;
  /** Names of the manifest's models and of installed ones. */
  readonly models: readonly string[];
  /** Most bytes of one upload. */
  readonly uploadLimit: number;
  /** Name of the queue server whose workers make the videos; `undefined` if this machine does. */
  readonly queueServer: string | undefined;
  /** Options that were given when the server was started, as flags. */
  readonly flags: readonly string[];
}

/** One stream of a clip. */
export interface ClipStream {
  /** Type of the stream. */
  readonly kind: string;
  /** Codec, language and title. */
  readonly text: string;
}

/** Facts about a clip. */
export interface Clip {
  /** As of {@linkcode Entry}. */
  readonly id: string;
  /** Name of the file. */
  readonly name: string;
  /** Path of the file, for the command line. */
  readonly path: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Short name of the container. */
  readonly container: string;
  /** Short name of the codec. */
  readonly codec: string;
  /** Width in pixels as shown, after rotation. */
  readonly width: number;
  /** Height in pixels as shown, after rotation. */
  readonly height: number;
  /** Aspect ratio as shown. */
  readonly aspect: number;
  /** Mean frames per second. */
  readonly rate: number;
  /** Whether the rate is constant. */
  readonly isConstant: boolean;
  /** Number of frames; an estimate unless the header has it. */
  readonly frames: number | undefined;
  /** Length in seconds. */
  readonly seconds: number | undefined;
  /** Bit depth. */
  readonly depth: number;
  /** Chroma subsampling and color tags: `4:2:0, bt709, limited range`. */
  readonly color: string;
  /** Streams other than the video. */
  readonly streams: readonly ClipStream[];
  /** Remarks. */
  readonly notes: readonly string[];
}

/** Number of thumbnails of a clip. */
export const THUMBNAILS = 12;

/** The plan of a conversion with the settings of the form. */
export interface Plan {
  /** Facts about source and target. */
  readonly estimate: ConversionEstimate;
  /** Name that the result gets. */
  readonly name: string;
}

/** Cost of a conversion on this machine. */
export interface Cost {
  /** Seconds per frame pair. */
  readonly pair: number;
  /** Seconds per interpolated frame. */
  readonly frame: number;
  /** Pairs at once. */
  readonly parallel: number;
  /** Memory of the process in bytes. */
  readonly memory: number;
}

/** Scene cuts and duplicate frames that were found since the last report. */
export interface Found {
  /** Number of source frames that were read. */
  readonly frames: number;
  /** Time of the last one, in seconds from the first. */
  readonly time: number;
  /** Times of cuts since the last report. */
  readonly cuts: readonly number[];
  /** Times of duplicates since the last report. */
  readonly duplicates: readonly number[];
  /** Whether all frames were read. */
  readonly isDone: boolean;
}

/** State of a job. */
export type JobState = "queued" | "running" | "paused" | "done" | "failed" | "canceled";

/** Returns whether a job in a state has ended. */
export function isEnded(state: JobState): boolean {
  return state === "done" || state === "failed" || state === "canceled";
}

/** Actions on a job. */
export const JOB_ACTIONS = ["pause", "resume", "cancel", "retry", "remove"] as const;

/** Name of an action on a job. */
export type JobAction = typeof JOB_ACTIONS[number];

/** A job of the queue. */
export interface Job {
  /** Identity. */
  readonly id: string;
  /** Place in the queue; jobs with a lower one run first. */
  readonly position: number;
  /** As of {@linkcode Entry}. */
  readonly file: string;
  /** Real path of the file. */
  readonly path: string;
  /** Name of the result. */
  readonly name: string;
  /** Settings of the form. */
  readonly settings: Settings;
  /** Its state. */
  readonly state: JobState;
  /** Frames written. */
  readonly done: number;
  /** Frames in total, if known. */
  readonly total: number | undefined;
  /** Frames per second, while it runs. */
  readonly rate: number | undefined;
  /** Remaining seconds, while it runs. */
  readonly left: number | undefined;
  /** Status on the workers, while it runs: `3 workers`. */
  readonly detail: string | undefined;
  /** Why it failed. */
  readonly message: string | undefined;
  /** Notes and warnings. */
  readonly notes: readonly string[];
  /** The result, as of {@linkcode Entry}. */
  readonly result: string | undefined;
  /** Whether a run was started, whose finished segments are used. */
  readonly isStarted: boolean;
}

/** An error for the page. */
export interface Problem {
  /** One line, which names options in backticks. */
  readonly message: string;
  /** The option that is wrong. */
  readonly option?: string | undefined;
}

/** A preview of the frames between two source frames. */
export interface Preview {
  /** Identity, for its images. */
  readonly id: string;
  /** Width of the images. */
  readonly width: number;
  /** Height of the images. */
  readonly height: number;
  /** Times of the two source frames, in seconds from the first frame of the video. */
  readonly between: readonly [number, number];
  /** Positions of the interpolated frames between them, in (0, 1). */
  readonly times: readonly number[];
  /** Whether the model has optical flow and visibility to show. */
  readonly hasFlow: boolean;
  /** Longest flow in pixels, which has full saturation. */
  readonly longest: number;
  /** Seconds of computation. */
  readonly seconds: number;
}

/** Views of a preview. */
export const VIEWS = ["interpolated", "blend", "backward", "forward", "visibility", "difference"] as const;

/** Name of a view. */
export type View = typeof VIEWS[number];
