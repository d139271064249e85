import type { Toolkit } from "@slomo/core/manifest";
import type { WeightsFile } from "@slomo/weights";
import type { ComputePrecision } from "../backend.ts";
import type { GpuAdapter } from "../backends/webgpu/adapter.ts";
import type { FrameSize } from "../pair/network_runner.ts";
import type { Difference } from "./agreement.ts";

/** The networks and frames that a device is chosen for. */
export interface SelectionJob {
  /** Provides the networks. */
  readonly toolkit: Toolkit;
  /** Weights of the networks; `undefined` if they have none. */
  readonly weights: WeightsFile | undefined;
  /** Size of the frames in pixels; `undefined` if it is not known. */
  readonly frame: FrameSize | undefined;
  /** Resolution scale at which flow is estimated, in (0, 1]. */
  readonly flowScale: number;
  /** Number format in which convolutions are multiplied. */
  readonly precision: ComputePrecision;
  /** Number of CPU threads. */
  readonly threads: number;
}

/** Device that `auto` uses instead of the backend of the highest rank. */
export interface DeviceSelection {
  /** The backend and its device; `undefined` if the CPU is better. */
  readonly chosen: DeviceCandidate | undefined;
  /** One line for the user: the choice and its reason. */
  readonly note: string;
}

/** Chooses a device for a job; returns `undefined` if there is none to choose from. */
export type SelectDevice = (job: SelectionJob) => Promise<DeviceSelection | undefined>;

/** A device of a backend. */
export interface DeviceCandidate {
  /** Name of the backend. */
  readonly backend: string;
  /** Name of the device. */
  readonly device: string;
}

/** Result of a device that computed. */
export interface DeviceMeasurement {
  /** Difference of its frame from that of the CPU in float32. */
  readonly difference: Difference;
  /** Milliseconds for one frame pair on the device and on the CPU; `undefined` if the frame is wrong. */
  readonly milliseconds?: { readonly device: number; readonly cpu: number } | undefined;
}

/** Result of a candidate: its measurement, or the reason why there is none. */
export type CandidateResult = DeviceCandidate & ({ readonly failure: string } | DeviceMeasurement);

/** Properties that a choice depends on. */
export interface ChoiceKey {
  /** Name of the adapter. */
  readonly adapter: string;
  /** Vendor of the adapter. */
  readonly vendor: string;
  /** Identity of its driver. */
  readonly driver: string;
  /** SHA-256 of manifest and weights. */
  readonly model: string;
  /** Size of the frames that were timed. */
  readonly size: string;
  /** Resolution scale of the flow. */
  readonly flowScale: number;
  /** Number format. */
  readonly precision: ComputePrecision;
  /** Number of CPU threads. */
  readonly threads: number;
  /** Candidates in the order in which they were tried. */
  readonly candidates: string;
  /** Version of slomo, and others that change results. */
  readonly version: string;
}

/** A choice as it is remembered. */
export interface DeviceChoice {
  /** Properties that it depends on. */
  readonly key: ChoiceKey;
  /** Name of the weights file, or of the interpolator, for people. */
  readonly networks: string;
  /** Results, in the order in which the candidates were tried. The last one is chosen, if one is. */
  readonly results: readonly CandidateResult[];
  /** Whether the last candidate is used. */
  readonly isChosen: boolean;
}

/** Remembers choices. */
export interface ChoiceStore {
  /** Returns the choice for a key; `undefined` if there is none, or it is damaged. */
  read(key: ChoiceKey): Promise<DeviceChoice | undefined>;
  /** Remembers a choice, if that is possible. */
  write(choice: DeviceChoice): Promise<void>;
}

/** A request to measure a device. */
export interface MeasureRequest extends SelectionJob, DeviceCandidate {
  /** Size of the frame pair that is timed. */
  readonly size: FrameSize;
}

/** Parts of the machine that the selection of a device uses. */
export interface SelectionPorts {
  /** Returns the fastest adapter; `undefined` if there is none. Must not take time if there is none. */
  findAdapter(): Promise<GpuAdapter | undefined>;
  /** Returns the identity of the driver of the adapter. */
  driverOf(adapter: GpuAdapter): Promise<string>;
  /**
   * Returns the devices of an adapter that may support a precision; the first that computes correctly and faster than the
   * CPU is chosen.
   */
  candidatesFor(adapter: GpuAdapter, precision: ComputePrecision): readonly DeviceCandidate[];
  /**
   * Measures a device in a separate process, which a broken driver may crash or hang.
   *
   * @returns The measurement, or why the device does not work.
   * @throws {UsageError} If no process can be started.
   */
  measure(request: MeasureRequest): Promise<DeviceMeasurement | { readonly failure: string }>;
  /** Remembers choices. */
  readonly choices: ChoiceStore;
  /** Version of slomo, and others that change results. */
  readonly version: string;
}
