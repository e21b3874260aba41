/**
 * Text of events, shown instead of executed.
 *
 * What an attacker writes into a name or a message reaches the terminal of whoever investigates. Escape sequences would
 * be obeyed by it, line breaks would forge lines of ours, directional marks and characters without width would show
 * something else than is there. So every piece of event text goes through here before it is written anywhere.
 */

/**
 * Control characters (C0, DEL, C1), format characters (bidi embeddings, overrides, isolates and marks among them), line
 * and paragraph separators, halves of surrogate pairs, noncharacters, and whatever else Unicode says to draw nothing
 * for (zero-width characters, fillers, variation selectors, tags).
 */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/gu;

/** The same, and emoji that are joined or styled by such characters: those are drawn, and nothing can hide in them. */
const emojiOrInvisible = new RegExp(String.raw`\p{RGI_Emoji}|${invisible.source}`, "gv");

const short: Readonly<Record<string, string>> = { "\n": String.raw`\n`, "\r": String.raw`\r`, "\t": String.raw`\t` };

/** One line of text in which nothing can act on a terminal: `\u202e`, `\u001b`, `\n`. */
export function visibleText(text: string): string {
  return text.replace(emojiOrInvisible, (found) => (isEmoji(found) ? found : (short[found] ?? escape(found))));
}

/** The same for text that may have several lines. */
export function visibleLines(text: string): readonly string[] {
  return text.split(/\r?\n/).map(visibleText);
}

/** JSON on one line that is safe on a terminal, and the same value for whoever parses it. */
export function visibleJson(value: unknown): string {
  return escapeInvisible(JSON.stringify(value));
}

/** The same for text that is JSON already. */
export function escapeInvisible(json: string): string {
  return json.replace(invisible, escape);
}

function isEmoji(found: string): boolean {
  return found.length > 1 && /^\p{RGI_Emoji}$/v.test(found);
}

/** As JSON and JavaScript write it: one `\uXXXX` for each UTF-16 unit. */
function escape(found: string): string {
  return Array.from(
    { length: found.length },
    (_, index) => String.raw`\u` + found.charCodeAt(index).toString(16).padStart(4, "0"),
  ).join("");
}
