/**
 * The rules that leave a mark in `event.redacted`, each with the sentence that readers are shown.
 * `docs/reference/values.md` describes the same list; a test compares the two.
 */
export const redactionRules = {
  "secret-marked": "Masked: the catalogue marks the field as secret.",
  "secret-named": "Masked: the field's name says that it holds a secret.",
  "secret-shaped": "Masked: the text held something that looks like a secret.",
  "secret-key": "A member's name that looked like a secret was replaced.",
  "not-finite": "NaN or an infinity was written as text.",
  "unsafe-integer": "A whole number beyond 2^53 was given as a number: its last digits may already have been wrong.",
  "invalid-date": "An invalid date was written as text.",
  bytes: "Bytes were written as base64.",
  function: "A function was left out.",
  symbol: "A symbol was left out.",
  opaque: "A value that cannot be looked into was replaced by its kind.",
  unreadable: "Reading the value threw an error.",
  circular: "The value contains itself; the repetition was replaced.",
  "too-deep": "What was nested more than 32 levels deep was replaced.",
  "too-wide": "Only the first 1,000 members or 10,000 items were kept.",
  "too-many": "The event held too many values; the rest was replaced.",
  "nul-character": "NUL characters were replaced by U+FFFD.",
  "lone-surrogate": "Half characters (lone surrogates) were replaced by U+FFFD.",
  "long-key": "A member's name of more than 256 characters was cut.",
  "reserved-key": "The member name __proto__ was written as [__proto__].",
  "duplicate-key": "Two members had the same name once both were text; the later one was given a number.",
  "wrong-type": "A field of the event had a value of another type, which was turned into text or left out.",
  "unknown-field": "A field that events do not have was left out.",
  "too-many-changes": "More than 256 paths changed; the first ones are listed.",
  "more-marks": "More was redacted than is listed.",
} as const;

export type RedactionRule = keyof typeof redactionRules;
