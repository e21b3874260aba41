import { createMapping } from "../../src/importers/mapping.ts";

/** A mapping for the records that these tests make: `{ at, what, who, n }`. */
export const shopMappingFile = {
  log: "shop",
  action: "{what}",
  occurredAt: "{at}",
  actor: { type: "user", id: "{who}" },
  target: { type: "order", id: "{n}" },
};

export const shopMapping = createMapping(JSON.stringify(shopMappingFile), "shop.json");

/** One line of a source; lines with the same number are the same. */
export function shopLine(number: number): string {
  const at = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
  return JSON.stringify({ at, what: "order.placed", who: `u${number % 7}`, n: number });
}

export function shopLines(from: number, to: number): string {
  let text = "";
  for (let number = from; number < to; number += 1) text += `${shopLine(number)}\n`;
  return text;
}
