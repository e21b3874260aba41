/** Texts that mean something to SQL, JSON paths, GLOB, LIKE or full-text queries, and events that have them everywhere. */

import type { JsonObject } from "../../src/base/canonical-json.ts";
import type { GeneratedEvent } from "./generated-events.ts";

export const hostile = [
  ...[
    "'",
    "''",
    "'; DROP TABLE auditrail_entry; --",
    "' OR '1'='1",
    "\\' OR 1=1 --",
    "?",
    "?1",
    ":a",
    "@a",
    "$a",
    "/* */",
    "-- ",
    ";",
  ],
  ...["%", "_", "*", "[", "]", "[]", "[^a]", "[a-z]", "[*]", "?*[", "a]b", "[[]"],
  ...[
    "NEAR(a b)",
    "a AND b",
    "a NOT b",
    "a OR b",
    "words:a",
    "{words}: a",
    "-words : a",
    "^a",
    "a + b",
    "a*",
    '"a" "b"',
    '"',
    '""',
    "rank",
    "a*b",
  ],
  ...[
    "$",
    "$.a",
    "$[0]",
    "a[0]",
    'a"].b',
    '"."',
    "..",
    "[#-1]",
    "#",
    "\\u0041",
    "\\",
    "\\\\",
    "\n",
    "\t",
    "\u2028",
    "\u007f",
    "é",
    "😀",
    "__proto__",
    "constructor",
    "toString",
    "length",
  ],
];

/** An event that has the text as a value and as a name. */
export function hostileEvent(text: string): GeneratedEvent {
  const data = Object.defineProperty({ value: text, list: [text] }, text, {
    value: 1,
    enumerable: true,
  }) as unknown as JsonObject;
  const event = {
    action: "a.b",
    op: "other",
    severity: "info",
    outcome: "success",
    actor: { type: "user", id: text },
    targets: [{ type: "t", id: text }],
    message: text,
    data,
    changed: [`/${text.replaceAll("~", "~0").replaceAll("/", "~1")}`],
  };
  return { event: event as unknown as JsonObject, sealed: [], timeMicros: 0 };
}
