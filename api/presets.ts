/** Options that each preset sets, as text; `true` for a switch. */
export const PRESETS: Readonly<Record<string, Readonly<Record<string, string | true>>>> = {
  film: { deinterlace: true, duplicates: "fill" },
  animation: { duplicates: "fill", keepStill: true },
  screen: { duplicates: "keep", keepStill: true },
  "slow-motion": { factor: "4", slowMotion: true },
};
