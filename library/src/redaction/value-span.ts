/** Where the value of a named secret ends: quoted, bracketed or bare. */

/**
 * How sure it is that a value follows: `form` (`name=`, `"name":`) always; `password` (`password: word`) unless
 * the word is one that messages use; `prose` (`token: word`) and `stated` (`the password is word`) only when it looks made up.
 */
export type Certainty = "form" | "password" | "prose" | "stated";

const quotes = "\"'`";
const masked = "[masked]";

/** The span of the value that starts at `start`; `undefined` where nothing is to be masked. */
export function valueSpan(text: string, start: number, certainty: Certainty): readonly [number, number] | undefined {
  let at = start;
  while (text[at] === "\\") at += 1;
  const quote = text[at];
  if (quote !== undefined && quotes.includes(quote)) {
    const end = quotedEnd(text, at + 1, quote, at - start);
    return isHarmless(text.slice(at + 1, end)) ? undefined : [at + 1, end];
  }
  if (text.startsWith(masked, start)) return undefined;
  if (quote === "[" || quote === "{") return certainty === "form" ? [start, bracketedEnd(text, at)] : undefined;
  const end = bareEnd(text, start);
  const value = text.slice(start, end);
  return isHarmless(value) || !isLikely(value, certainty) ? undefined : [start, end];
}

/** The closing quote has as many backslashes before it as the opening one; in plain quotes a pair of them is one. */
function quotedEnd(text: string, start: number, quote: string, escapes: number): number {
  for (let at = text.indexOf(quote, start); at !== -1; at = text.indexOf(quote, at + 1)) {
    let backslashes = 0;
    while (at - backslashes > start && text[at - backslashes - 1] === "\\") backslashes += 1;
    if (escapes === 0 ? backslashes % 2 === 0 : backslashes === escapes) return at - (escapes === 0 ? 0 : escapes);
  }
  return text.length;
}

function bracketedEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

const bareStop = /[\s&"'`<>]|[,;](?=$|[\s"'`{\\]|[\w.$-]{1,64}\s{0,4}[=:])|[)\]}]+(?=$|[\s,;"'`)\]}])|\\(?=["'nrt])/g;

function bareEnd(text: string, start: number): number {
  bareStop.lastIndex = start;
  const stop = bareStop.exec(text);
  return stop === null ? text.length : stop.index;
}

/** Empty, already masked, a placeholder of a query or a template, or a word of the language. */
function isHarmless(value: string): boolean {
  return (
    value === "" ||
    value.startsWith(masked) ||
    /^(?:\$\d+|\?|%[sdv]|[*•x]{3,}|null|nil|none|undefined|true|false|\$\{.*|\{\{.*)[.,;)]*$/i.test(value)
  );
}

/** Words that follow `password:` or `token is` in messages without being one. */
const messageWords = new Set(
  `a an the is was are be been must should shall cannot can could may might will would does did has have had not no at
  too to of for in on by and or but if as it this that your our my their one none null required missing invalid incorrect
  wrong expired expires mismatch mismatched weak strong short long empty blank unknown unexpected expected denied rejected
  accepted changed updated reset rotated revoked deleted removed created set unset disabled enabled locked blocked failed
  failure success ok okay error valid verified unverified please enter click type choose use try contact check see string
  number boolean object array minimum maximum min max only already never always new old same different optional protected
  forgotten forgot malformed unsupported used unused found given provided absent present hidden redacted masked length
  field value between least more less than characters`.split(/\s+/),
);

function isLikely(value: string, certainty: Certainty): boolean {
  if (certainty === "form") return true;
  if (messageWords.has(value.toLowerCase().replace(/[.,!?:;]+$/, ""))) return false;
  if (certainty === "password") return true;
  return (/\d/.test(value) && value.length >= 4) || value.length >= 24;
}
