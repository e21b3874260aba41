/** Bars of eighths of a character cell. */

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of `share` (0 to 1) of `columns`; anything above nothing is seen. */
export function drawBar(share: number, columns: number): string {
  const parts = Math.max(share > 0 ? 1 : 0, Math.round(share * columns * 8));
  return "█".repeat(Math.floor(parts / 8)) + eighths[parts % 8]!;
}
