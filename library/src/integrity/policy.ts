/**
 * Trust policies (C2SP tlog-policy, https://c2sp.org/tlog-policy): whose signatures make a checkpoint believable.
 *
 *     log <verifier key> [<url>]                     any one of the logs has to have signed
 *     witness <name> <verifier key> [<url>]
 *     group <name> all|any|<k> <member>…             counts as one that has signed when k of its members have
 *     quorum none|<name>                             exactly once; the witness or group that has to have cosigned
 *
 * Lines end in a newline, items are separated by spaces and tabs, empty lines and lines that start with `#` do not count. Names are
 * defined before they are used; witnesses and groups share one namespace; a name is a member of at most one group. Names are
 * compared byte for byte. Text that is not UTF-8 is refused (the specification only recommends UTF-8).
 */

import { encodeHex } from "../base/bytes.ts";
import { asSentence, quote, suggestion } from "../base/errors.ts";
import { formatVerifierKey, parseVerifierKey, signatureTypes, type VerifierKey } from "./note-key.ts";
import { readText } from "./untrusted-text.ts";
import { VerificationError } from "./verification-error.ts";

export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url?: string;
}

export interface PolicyWitness {
  /** Only within the policy; the witness signs with the name in its key. */
  readonly name: string;
  readonly key: VerifierKey;
  readonly url?: string;
}

export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

export interface TlogPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** Each refers only to witnesses and to groups before it. */
  readonly groups: readonly PolicyGroup[];
  /** The name of a witness or group, or `none`. */
  readonly quorum: string;
}

/** The policy that trusts a log by its own signature and asks for no witness. */
export function createLogPolicy(keys: readonly VerifierKey[]): TlogPolicy {
  return { logs: keys.map((key) => ({ key })), witnesses: [], groups: [], quorum: "none" };
}

/** Errors: `VERIFY_POLICY_INVALID` for what the format cannot express. */
export function formatTlogPolicy(policy: TlogPolicy): string {
  const lines = [
    ...policy.logs.map(({ key, url }) => ["log", formatVerifierKey(key), ...optional(url)]),
    ...policy.witnesses.map(({ name, key, url }) => ["witness", name, formatVerifierKey(key), ...optional(url)]),
    ...policy.groups.map(({ name, threshold, members }) => ["group", name, String(threshold), ...members]),
    ["quorum", policy.quorum],
  ];
  const text = lines.map((items) => `${items.join(" ")}\n`).join("");
  parseTlogPolicy(text);
  return text;
}

interface Draft {
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  readonly groups: PolicyGroup[];
  readonly names: Set<string>;
  readonly members: Set<string>;
  quorum: string | undefined;
}

/** Errors: `VERIFY_MALFORMED` for what is not text, `VERIFY_POLICY_INVALID` with the number of the line. */
export function parseTlogPolicy(source: string | Uint8Array): TlogPolicy {
  const lines = readText(source, "a policy").split("\n");
  if (lines.pop() !== "") throw invalidPolicy("its last line is not ended by a newline, so it may have been cut off");
  const draft: Draft = {
    logs: [],
    witnesses: [],
    groups: [],
    names: new Set(["none"]),
    members: new Set(),
    quorum: undefined,
  };
  for (const [place, line] of lines.entries()) {
    try {
      parseLine(line, draft);
    } catch (cause) {
      if (!(cause instanceof VerificationError)) throw cause;
      throw new VerificationError("VERIFY_POLICY_INVALID", `Line ${place + 1}: ${cause.message}`, {
        details: { line: place + 1 },
        cause,
      });
    }
  }
  const { logs, witnesses, groups, quorum } = draft;
  if (quorum === undefined) throw invalidPolicy('it has no line "quorum <name>"');
  return { logs, witnesses, groups, quorum };
}

const lineParsers: ReadonlyMap<string, (items: readonly string[], draft: Draft) => void> = new Map([
  ["log", parseLog],
  ["witness", parseWitness],
  ["group", parseGroup],
  ["quorum", parseQuorum],
]);

function parseLine(line: string, draft: Draft): void {
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) throw invalidPolicy("a line has control characters");
  const [keyword = "", ...items] = line.split(/[ \t]+/).filter((item) => item !== "");
  if (keyword === "" || keyword.startsWith("#")) return;
  const parse = lineParsers.get(keyword);
  if (parse === undefined)
    throw invalidPolicy(`${quote(keyword)} is not a kind of line.${suggestion(keyword, lineParsers.keys())}`);
  parse(items, draft);
}

function parseLog([keyText, url, ...rest]: readonly string[], draft: Draft): void {
  if (keyText === undefined || rest.length > 0) throw invalidPolicy("a log is a verifier key and perhaps a URL");
  const key = parseVerifierKey(keyText);
  assertNewKey(key, draft.logs);
  draft.logs.push(url === undefined ? { key } : { key, url });
}

function parseWitness([name, keyText, url, ...rest]: readonly string[], draft: Draft): void {
  if (name === undefined || keyText === undefined || rest.length > 0)
    throw invalidPolicy("a witness is a name, a verifier key and perhaps a URL");
  const key = parseVerifierKey(keyText);
  if (key.type !== signatureTypes.cosignature)
    throw invalidPolicy(`the key of witness ${quote(name)} is not a cosigner's key (type 4)`);
  assertNewKey(key, draft.witnesses);
  defineName(name, draft);
  draft.witnesses.push(url === undefined ? { name, key } : { name, key, url });
}

function parseGroup([name, count, ...members]: readonly string[], draft: Draft): void {
  if (name === undefined || count === undefined || members.length === 0)
    throw invalidPolicy("a group is a name, all, any or a number, and at least one member");
  for (const member of members) {
    assertDefined(member, draft);
    if (member === "none" || draft.members.has(member))
      throw invalidPolicy(
        `${quote(member)} cannot be a member of a group here: it is in one already, or is no witness`,
      );
    draft.members.add(member);
  }
  defineName(name, draft);
  draft.groups.push({ name, threshold: readThreshold(count, members.length), members });
}

function readThreshold(count: string, members: number): number {
  if (count === "any") return 1;
  if (count === "all") return members;
  const threshold = /^[1-9]\d{0,8}$/.test(count) ? Number(count) : 0;
  if (threshold >= 1 && threshold <= members) return threshold;
  throw invalidPolicy(`found ${quote(count)}, expected all, any or a number from 1 to ${members}`);
}

function parseQuorum([name, ...rest]: readonly string[], draft: Draft): void {
  if (name === undefined || rest.length > 0) throw invalidPolicy("a quorum is one name");
  if (draft.quorum !== undefined) throw invalidPolicy("there is more than one quorum");
  assertDefined(name, draft);
  draft.quorum = name;
}

function defineName(name: string, draft: Draft): void {
  if (draft.names.has(name)) throw invalidPolicy(`${quote(name)} is defined already`);
  draft.names.add(name);
}

function assertDefined(name: string, draft: Draft): void {
  if (draft.names.has(name)) return;
  throw invalidPolicy(`${quote(name)} is not defined on a line before.${suggestion(name, draft.names)}`);
}

/** The same key under two names would let one party count twice. */
function assertNewKey(key: VerifierKey, others: readonly { readonly key: VerifierKey }[]): void {
  const hex = encodeHex(key.publicKey);
  if (others.some((other) => encodeHex(other.key.publicKey) === hex))
    throw invalidPolicy(`the key of ${quote(key.name)} is there already`);
}

function optional(url: string | undefined): readonly string[] {
  return url === undefined ? [] : [url];
}

function invalidPolicy(found: string): VerificationError {
  return new VerificationError("VERIFY_POLICY_INVALID", asSentence(`Cannot read the policy: ${found}`));
}
