import type { Pattern } from "./ast.ts";

/**
 * Whether a text fits a pattern. Greedy from the left, which is exact for `*` alone and takes linear time for each
 * piece, whatever the pattern: a query cannot make a server hang.
 */
export function fits(pattern: Pattern, text: string): boolean {
  const first = pattern[0]!;
  if (pattern.length === 1) return text === first;
  const last = pattern.at(-1)!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let position = first.length;
  const end = text.length - last.length;
  for (const piece of pattern.slice(1, -1)) {
    const found = text.indexOf(piece, position);
    if (found === -1 || found + piece.length > end) return false;
    position = found + piece.length;
  }
  return true;
}

/** Whether a pattern is one text exactly. */
export function exactText(pattern: Pattern): string | undefined {
  return pattern.length === 1 ? pattern[0] : undefined;
}
