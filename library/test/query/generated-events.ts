/** Events as the property tests make them: small vocabularies, so that queries hit, and everything that is awkward. */

import fc from "fast-check";

import { canonicalize, type Json, type JsonObject } from "../../src/base/canonical-json.ts";
import { encodeUtf8 } from "../../src/base/bytes.ts";
import { idFromDigest } from "../../src/base/ids.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { formatInstant } from "../../src/base/time.ts";
import { leafHash } from "../../src/integrity/leaf.ts";
import type { PreparedEntry } from "../../src/trail/contracts.ts";

export const texts = [
  ...["a", "A", "b", "ab", "é", "e\u0301", "user/42", "42", "042", "12.50", "12.5", "-3", "-3.0", "1e3", "007", "0.1"],
  ...[
    "a*b",
    "a[b",
    "[?*]",
    "x y",
    '"q"',
    "\\",
    "O'Neil",
    "NEAR(a b)",
    "AND",
    "ß",
    "İstanbul",
    "ΟΔΟΣ",
    "日本語",
    "😀",
    "true",
    "null",
  ],
  ...["", "12345678901234567890.5", "%_", "a-b_c", "don't; DROP TABLE auditrail_entry", "ﬁne", "1..5", "¶"],
];
export const numbers = [0, 1, 5, 12.5, -3, 1e21, 1e-7, 0.1, 2 ** 53, 42];
export const names = ["a", "b", "role", "x.y", "0", "", 'k"q', "é", "length", "a/b", "~"];
export const ids = ["42", "7", "a/b", "x y"];
export const types = ["user", "order", "bot"];
export const actions = ["voucher.applied", "voucher.bulk.sent", "order.created", "email.sent"];
const text = fc.constantFrom(...texts);
const scalar = fc.oneof(text, fc.constantFrom(...numbers), fc.boolean(), fc.constant(null));

const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 3, noNullPrototype: true }),
    },
  ),
})).value;
const object = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4, noNullPrototype: true });

/** Around the days on which clocks are changed in Bucharest and on Lord Howe Island, before 1970, and a few that are equal. */
export const instants = [
  "2026-03-29T00:30:00Z",
  "2026-10-25T00:10:00Z",
  "2026-10-03T15:20:00Z",
  "2026-11-22T10:00:00Z",
  "1969-12-31T23:00:00Z",
].map((instant) => Date.parse(instant) * 1000);
const time = fc
  .tuple(fc.constantFrom(...instants), fc.integer({ min: -40, max: 40 }), fc.constantFrom(0, 0, 1, 123_457))
  .map(([instant, halfHours, micros]) => instant + halfHours * 1_800_000_000 + micros);

const actor = fc.record(
  {
    type: fc.constantFrom(...types, "unknown"),
    id: fc.constantFrom(...ids),
    roles: fc.array(text, { maxLength: 2 }),
    agent: text,
  },
  { requiredKeys: ["type"] },
);
const target = fc.record(
  {
    type: fc.constantFrom(...types),
    id: fc.constantFrom(...ids),
    role: text,
    parent: fc.constantFrom("order/42", "shop", "a/b/c"),
  },
  { requiredKeys: ["type", "id"] },
);
const path = fc.constantFrom("/role", "/role/name", "/rolex", "/a~1b", "/x.y/0", "/");

const open = fc.record(
  {
    message: text,
    reason: text,
    error: fc.record({ name: text, code: text, message: text }, { requiredKeys: ["name", "message"] }),
    durationMs: fc.constantFrom(0, 5, 12.5, 1000),
    onBehalfOf: fc.array(actor, { maxLength: 2 }),
    targets: fc.array(target, { maxLength: 3 }),
    before: value,
    after: value,
    changed: fc.array(path, { maxLength: 2 }),
    context: fc.record({ source: fc.constantFrom("http", "bot"), requestId: text, route: text }, { requiredKeys: [] }),
    correlationId: text,
    operationId: fc.constantFrom("op-1", "op-2"),
    data: object,
    subjects: fc.array(fc.constantFrom("user/42", "user/7", "nobody"), { maxLength: 2 }),
    redacted: fc.array(fc.record({ path, rule: fc.constant("name") }), { maxLength: 1 }),
    collapsed: fc.constantFrom({ count: 3, from: "2026-01-01T00:00:00.000000Z", until: "2026-01-01T00:00:00.000000Z" }),
  },
  { requiredKeys: [] },
);

/** Personal data, as it lies beside an entry: fragments of the event, and the pointers to what is in them. */
const fragments: fc.Arbitrary<readonly { fragment: JsonObject; paths: readonly string[] }[]> = fc.subarray([
  { fragment: { actor: { name: "Ann Other", email: "a@b.example" } }, paths: ["/actor/name", "/actor/email"] },
  { fragment: { context: { ip: "10.0.0.1", userAgent: "a*b" } }, paths: ["/context/ip", "/context/userAgent"] },
  {
    fragment: { data: { recipient: "é@b.example", amounts: [null, "12.50", 5], nested: { a: ["x y"] } } },
    paths: ["/data/recipient", "/data/amounts/1", "/data/amounts/2", "/data/nested"],
  },
  {
    fragment: { before: { sealedRole: "a" }, after: { sealedRole: 12.5 } },
    paths: ["/before/sealedRole", "/after/sealedRole"],
  },
  { fragment: { onBehalfOf: [{ name: "O'Neil" }] }, paths: ["/onBehalfOf/0/name"] },
  { fragment: { targets: [null, { name: "Ann Other" }] }, paths: ["/targets/1/name"] },
]);

export interface GeneratedEvent {
  readonly timeMicros: number;
  readonly event: JsonObject;
  readonly sealed: readonly { readonly fragment: JsonObject; readonly paths: readonly string[] }[];
}

export const generatedEvent: fc.Arbitrary<GeneratedEvent> = fc
  .tuple(
    fc.record({
      action: fc.constantFrom(...actions),
      actor,
      outcome: fc.constantFrom("success", "failure", "denied"),
      severity: fc.constantFrom("info", "error"),
      op: fc.constantFrom("create", "update", "read"),
    }),
    open,
    fragments,
    time,
  )
  .map(([must, may, sealed, timeMicros]) => ({
    timeMicros,
    event: { ...must, ...may } as unknown as JsonObject,
    sealed: sealed.filter(({ fragment }) => hasPlace(may, fragment)),
  }));

/** A fragment of an object needs the object: redaction takes members out, never what they are members of. */
function hasPlace(event: object, fragment: JsonObject): boolean {
  return Object.entries(fragment).every(([name, part]) => {
    if (name === "actor") return true;
    const found = (event as Record<string, unknown>)[name];
    if (Array.isArray(part)) return Array.isArray(found) && found.length >= part.length;
    return typeof found === "object" && found !== null && !Array.isArray(found);
  });
}

/** The entry for a generated event: as redaction and the engine would hand it over. */
export function prepare(generated: GeneratedEvent, number: number, origin: string, tenant = "main"): PreparedEntry {
  const { event, sealed, timeMicros } = generated;
  const digest = sha256(`event ${number} ${tenant}`);
  const id = idFromDigest(timeMicros, digest);
  const seals = sealed.map(({ paths }) => ({ subject: "user/42", paths, commitment: "" }));
  const text = canonicalize({
    ...event,
    ...{ schema: 1, origin, id, tenant, version: 1, occurredAt: formatInstant(timeMicros) },
    ...(seals.length === 0 ? {} : { sealed: seals }),
  } as unknown as Json);
  const parts = sealed.map(({ fragment }, index) => ({
    ...{ index, subject: "user/42", salt: digest.subarray(0, 16) },
    bytes: encodeUtf8(canonicalize(fragment)),
  }));
  return { tenant, id, text, hash: leafHash(text), sealed: parts };
}
