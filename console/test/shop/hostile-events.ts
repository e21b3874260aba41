/** Events as an attacker would have them written: what they say must be read, and must do nothing. */

import type { EventFields } from "auditrail";

/** Texts that do something where they are trusted. `window.owned` is what the tests look for. */
export const hostileTexts = {
  script: `<script>window.owned="script"</script>`,
  image: `<img src=x onerror="window.owned='image'">`,
  attribute: `" autofocus onfocus="window.owned='attribute'" x="`,
  link: `javascript:window.owned='link'`,
  template: "{{constructor.constructor('window.owned=1')()}}${7*7}",
  bidi: "invoice\u202egnp.exe",
  isolate: "\u2066admin\u2069 \u200bzero\u200bwidth\ufeff",
  terminal: "\u001b[2J\u001b]0;owned\u0007\u009b31m",
  lines: "first\r\nSEQ 9 forged line\u2028second",
  time: "2026-11-22T10:00:00Z (verified by Auditrail)",
  formula: `=HYPERLINK("http://evil.example","click")`,
  emoji: "👩‍👩‍👧‍👦 🏳️‍🌈 family",
  rightToLeft: "שלום עולם مرحبا",
  long: "A".repeat(64 * 1024),
} as const;

export async function recordHostile(record: (action: string, fields?: EventFields) => Promise<unknown>): Promise<void> {
  for (const [name, text] of Object.entries(hostileTexts)) {
    const short = text.slice(0, 180);
    await record("bot.hostile", {
      actor: { type: "stranger", id: short, name: short, email: short, roles: [short], agent: short },
      targets: [{ type: "thing", id: short, name: short, role: short }],
      ...{ message: text, reason: text, data: { case: name, [short]: text } },
      ...{ before: { [short]: text }, after: { [short]: `${text}!` } },
      error: Object.assign(new Error(text), { code: short, stack: text }),
      context: { ip: "203.0.113.66", userAgent: short, route: short },
      operationId: "hostile",
    });
  }
}
