/** Patterns out of the pieces of a value: `*` in bare pieces is a wildcard, in quoted ones a star. */

import type { PathStep, Pattern } from "./ast.ts";
import type { Piece } from "./scanner.ts";

export function patternOf(pieces: readonly Piece[]): Pattern {
  return join(pieces.map(({ text, quoted }) => (quoted ? [text] : text.split("*"))));
}

/** Runs of pieces, the last of each joined to the first of the next. Neighbouring stars are one. */
function join(runs: readonly Pattern[]): Pattern {
  const joined: string[] = [""];
  for (const run of runs) {
    joined[joined.length - 1] += run[0]!;
    joined.push(...run.slice(1));
  }
  return joined.filter((piece, index) => piece !== "" || index === 0 || index === joined.length - 1);
}

/** A JSON Pointer, written as one. */
export function pointerPattern(pieces: readonly Piece[]): Pattern {
  return patternOf(pieces);
}

/** A JSON Pointer, written with dots: `address.city`. Dots and slashes in quoted pieces belong to a name. */
export function dottedPattern(pieces: readonly Piece[]): Pattern {
  const runs = pieces.map(({ text, quoted }) =>
    quoted ? [escapeStep(text)] : escapeStep(text).replaceAll(".", "/").split("*"),
  );
  return join([["/"], ...runs]);
}

/** RFC 6901 section 3. */
export function escapeStep(step: PathStep): string {
  return String(step).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The type and the id at the two sides of the first slash; an id alone where there is none. */
export function splitReference(pattern: Pattern): { readonly type?: Pattern; readonly id: Pattern } {
  const index = pattern.findIndex((piece) => piece.includes("/"));
  if (index === -1) return { id: pattern };
  const piece = pattern[index]!;
  const slash = piece.indexOf("/");
  return {
    type: [...pattern.slice(0, index), piece.slice(0, slash)],
    id: [piece.slice(slash + 1), ...pattern.slice(index + 1)],
  };
}
