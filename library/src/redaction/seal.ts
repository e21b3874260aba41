/**
 * Takes personal data out of an event and leaves salted commitments in its place (see `event/entry.ts` for the
 * format of a part, which `openEntry` reads back).
 */

import { encodeBase64, encodeUtf8 } from "../base/bytes.ts";
import { canonicalize } from "../base/canonical-json.ts";
import { AuditError } from "../base/errors.ts";
import type { SealedPart } from "../event/entry.ts";
import type { Seal } from "../event/event.ts";
import { visitPersonal, type ActionMarks } from "./personal.ts";
import { formatPointer, ownMember, setMember, type PlainJson, type PlainObject, type Step } from "./plain-json.ts";

export interface Commitments {
  /** The commitment to `bytes` under `salt`. */
  readonly commit: (salt: Uint8Array, bytes: Uint8Array) => Uint8Array;
  /** At least 16 random bytes, never the same twice. */
  readonly randomSalt: () => Uint8Array;
}

export interface Sealing {
  readonly seals: readonly Seal[];
  readonly parts: readonly SealedPart[];
}

const leastSaltBytes = 16;

/** Removes the personal data from `event`: members are deleted, items become null. One compartment for each subject. */
export function sealPersonal(event: PlainObject, marks: ActionMarks, commitments: Commitments): Sealing {
  const compartments = new Map<string, { readonly paths: string[]; readonly fragment: PlainObject }>();
  visitPersonal(event, marks, (holder, key, steps, subject) => {
    let compartment = compartments.get(subject);
    if (compartment === undefined) compartments.set(subject, (compartment = { paths: [], fragment: {} }));
    compartment.paths.push(formatPointer(steps));
    place(compartment.fragment, steps, take(holder, key));
  });
  const parts = Array.from(compartments, ([subject, { fragment }], index) => {
    return new Part(index, subject, freshSalt(commitments), encodeUtf8(canonicalize(fragment)));
  });
  const seals = Array.from(compartments, ([subject, { paths }], index): Seal => {
    const { salt, bytes } = parts[index]!;
    return { subject, paths, commitment: encodeBase64(commitments.commit(salt, bytes)) };
  });
  return { seals, parts };
}

/** A class, because literals of what waits for the disk end up in V8's old space (`trail/prepare-event.ts`). */
class Part implements SealedPart {
  readonly index: number;
  readonly subject: string;
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;

  constructor(index: number, subject: string, salt: Uint8Array, bytes: Uint8Array) {
    this.index = index;
    this.subject = subject;
    this.salt = salt;
    this.bytes = bytes;
  }
}

function freshSalt({ randomSalt }: Commitments): Uint8Array {
  const salt = randomSalt();
  if (salt.length >= leastSaltBytes) return salt;
  throw new AuditError(
    "OPTION_INVALID",
    `Cannot seal personal data: randomSalt() gave ${salt.length} bytes, expected at least ${leastSaltBytes}.`,
  );
}

function take(holder: PlainObject | PlainJson[], key: Step): PlainJson {
  const members = holder as PlainObject;
  const value = members[key]!;
  if (Array.isArray(holder)) members[key] = null;
  else delete members[key];
  return value;
}

/** Puts a value into the fragment at its path; items before it are null. */
function place(fragment: PlainObject, steps: readonly Step[], value: PlainJson): void {
  let holder: PlainObject | PlainJson[] = fragment;
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index]!;
    const next = steps[index + 1];
    let member = next === undefined ? value : ownMember(holder as PlainObject, String(step));
    if (member === undefined || member === null) member = typeof next === "number" ? [] : {};
    if (Array.isArray(holder)) {
      while (holder.length < (step as number)) holder.push(null);
      holder[step as number] = member;
    } else setMember(holder, step as string, member);
    holder = member as PlainObject | PlainJson[];
  }
}
