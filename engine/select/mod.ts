/** Selection of a GPU by `auto`. */
export { agrees, type Difference, differenceOf, samplePair } from "./agreement.ts";
export type * from "./contracts.ts";
export { measureDevice } from "./measure_device.ts";
export { createDeviceSelector, type DeviceSelectorOptions, resultText, sizeClassOf } from "./select_device.ts";
