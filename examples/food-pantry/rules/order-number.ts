/** Order numbers: `ORD-20261126-K7QPXD`, the day and six letters or digits that nobody takes for another. */

const signs = "BCDFGHJKMNPQRTVWXY34679";

/** A number of that day (`2026-11-26`). `chance` gives fractions from 0 to 1. */
export function drawOrderNumber(day: string, chance: () => number): string {
  const drawn = Array.from({ length: 6 }, () => signs[Math.floor(chance() * signs.length)]).join("");
  return `ORD-${day.replaceAll("-", "")}-${drawn}`;
}
