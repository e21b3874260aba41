/**
 * Text of events, shown instead of obeyed: the same characters as the command line makes visible, in the same way
 * (library/src/formats/visible-text.ts). A browser runs nothing that React renders as text, but directional marks would still turn
 * a line around, and characters without width would hide what is there.
 */

const invisible = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]`;
/** Emoji that are joined or styled by such characters are drawn, and nothing can hide in them. */
const emojiOrInvisible = new RegExp(String.raw`\p{RGI_Emoji}|${invisible}`, "gv");
const emoji = /^\p{RGI_Emoji}$/v;
const short: Readonly<Record<string, string>> = { "\n": String.raw`\n`, "\r": String.raw`\r`, "\t": String.raw`\t` };

/** Line breaks as `\n`; as `\n` and a break, so that a text can be read and forges no line; or as breaks alone. */
export type LineBreaks = "escaped" | "marked" | "kept";

export interface TextPiece {
  readonly text: string;
  /** Stands for a character that would not have been seen. */
  readonly isEscape: boolean;
}

/** A text in pieces: what can be shown as it is, and what stands for something invisible. */
export function splitVisible(text: string, lines: LineBreaks = "escaped"): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  const take = (until: number): void => {
    if (until > from) pieces.push({ text: text.slice(from, until), isEscape: false });
  };
  for (const { 0: found, index } of text.matchAll(emojiOrInvisible)) {
    if (found.length > 1 && emoji.test(found)) continue;
    if (lines === "kept" && (found === "\n" || found === "\t")) continue;
    take(index);
    pieces.push({ text: short[found] ?? escape(found), isEscape: true });
    if (lines === "marked" && found === "\n") pieces.push({ text: "\n", isEscape: false });
    from = index + found.length;
  }
  take(text.length);
  return pieces;
}

/** The same as one string, for titles and labels. */
export function visibleText(text: string): string {
  return splitVisible(text)
    .map((piece) => piece.text)
    .join("");
}

/** As JSON and JavaScript write it: one `\uXXXX` for each UTF-16 unit. */
function escape(found: string): string {
  const units = Array.from({ length: found.length }, (_, at) => found.charCodeAt(at).toString(16).padStart(4, "0"));
  return units.map((unit) => String.raw`\u` + unit).join("");
}
