/** Numbers as people read them. */

/** Returns a duration: `1:02:03`, `4:05`, or `0.8 s` below ten seconds. */
export function clock(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds), two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Returns a time in a video with two decimals: `0:04.25`. */
export function moment(seconds: number): string {
  const hundredths = Math.round(seconds * 100), two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(hundredths / 6000)}:${two(Math.floor(hundredths / 100) % 60)}.${two(hundredths % 100)}`;
}

/** Returns a size: `1.2 GB`, `340 KB`. */
export function size(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power > 1 && bytes / 1000 ** power < 10 ? 1 : 0)} ${units[power]}`;
}

/** Returns a rate: `23.976`, `25`. */
export function rate(value: number): string {
  return `${Number(value.toFixed(3))}`;
}

/** Returns a number and a noun: `1 frame`, `2 frames`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}
