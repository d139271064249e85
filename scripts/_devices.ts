/** Environment variable in which `main.ts` passes the flags of `deno run` for the processes of several devices, as JSON. */
export const DEVICE_FLAGS = "SLOMO_DEVICE_FLAGS";
