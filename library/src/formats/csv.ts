/**
 * CSV as RFC 4180 has it: commas, CRLF, quotation marks doubled.
 *
 * Spreadsheets run cells that begin with = + - @ (or their full-width forms, or behind a tab or line break) as formulas.
 * Such cells get an apostrophe in front, and so do those that begin with one: taking one leading apostrophe away always
 * gives the text back. Plain numbers such as -12.50 are left alone. Control and directional characters are made visible;
 * the exact text is what JSON Lines are for.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */

import { visibleText } from "./visible-text.ts";

const formula = /^(?:'|[\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/u;
const plainNumber = /^-?\d+(?:\.\d+)?$/;

export function csvCell(text: string): string {
  // Guarded as it was, because what is invisible is what hides a formula.
  const guard = formula.test(text) && !plainNumber.test(text) ? "'" : "";
  const safe =
    guard +
    text
      .split("\n")
      .map((line) => visibleText(line.replace(/\r$/, "")))
      .join("\n");
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}
