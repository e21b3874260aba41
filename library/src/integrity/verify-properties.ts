/**
 * What a verification established, by which anchor, and what nobody was there to establish.
 *
 * A trail's own key says that its owner vouches for it, not that the owner tells everybody the same. Only somebody else can say that: a
 * checkpoint that the verifier kept from earlier, or witnesses who have seen the trail grow.
 */

import { formatInstant } from "../base/time.ts";
import type { JudgedCheckpoint } from "./verify-checkpoints.ts";
import type { Properties, Property } from "./verify-report.ts";

export interface PropertyFacts {
  /** Those that the entries lead to. */
  readonly held: readonly JudgedCheckpoint[];
  readonly hasPolicy: boolean;
  /** Whether the policy came along with what it is to judge. */
  readonly isPolicyUntrusted: boolean;
  readonly isTampered: boolean;
  readonly size: number;
  readonly provenSize: number;
  readonly gaps: { readonly entries: number; readonly events: number };
  readonly lockedParts: number;
  readonly withheld: number;
}

const noAnchor = "There is no external anchor: a wholesale rewrite by whoever holds the key cannot be excluded.";

export function stateProperties(facts: PropertyFacts): Properties {
  if (facts.isTampered) return nothingEstablished();
  return {
    appendOnly: stateAppendOnly(facts),
    inclusion: stateInclusion(facts),
    completeness: stateCompleteness(facts),
    sameView: stateSameView(facts),
    time: stateTime(facts),
  };
}

/** A trail that contradicts itself somewhere gives no reason to believe the rest of it. */
function nothingEstablished(): Properties {
  const nothing = property(false, 0, [], ["The trail was tampered with or is damaged: see what was found."]);
  return { appendOnly: nothing, inclusion: nothing, completeness: nothing, sameView: nothing, time: nothing };
}

function stateAppendOnly({ held, provenSize }: PropertyFacts): Property {
  const anchors = held.filter(({ source, witnesses }) => source === "remembered" || witnesses.length > 0);
  const upTo = largest(anchors);
  const by = distinct(anchors.filter(({ size }) => size === upTo).flatMap(anchorNames));
  const open =
    anchors.length === 0 ? [noAnchor] : upTo < provenSize ? [`No anchor has seen the entries from ${upTo} on.`] : [];
  return property(upTo > 0, upTo, by, open);
}

function anchorNames({ source, size, witnesses }: JudgedCheckpoint): readonly string[] {
  const names = witnesses.map(({ name }) => `witness ${name} at size ${size}`);
  return source === "remembered" ? [`the remembered checkpoint of size ${size}`, ...names] : names;
}

function stateInclusion(facts: PropertyFacts): Property {
  const { held, provenSize, size } = facts;
  const signed = held.some((checkpoint) => checkpoint.isAccepted && checkpoint.size === provenSize);
  return property(
    signed && !facts.isPolicyUntrusted,
    provenSize,
    signed ? [`the signed checkpoint of size ${provenSize}`] : [],
    [...whyUnsigned(facts, signed), ...(provenSize < size ? [pending(size - provenSize)] : [])],
  );
}

function whyUnsigned({ hasPolicy, isPolicyUntrusted, held }: PropertyFacts, isSigned: boolean): readonly string[] {
  if (!hasPolicy) return ["No key or policy was given: signatures were not looked at."];
  if (isPolicyUntrusted)
    return [
      "The policy came with the trail: who has signed it is not known. Compare its key with one you got elsewhere.",
    ];
  if (isSigned) return [];
  if (held.some(({ isSigned: bySomebody }) => bySomebody))
    return ["No checkpoint is cosigned by as many as the policy asks for."];
  return ["There is no checkpoint that the policy accepts."];
}

function pending(count: number): string {
  return `${count === 1 ? "One entry is" : `${count} entries are`} newer than the last checkpoint: nothing would show if they were changed or removed.`;
}

function stateCompleteness(facts: PropertyFacts): Property {
  const { provenSize, gaps, size, lockedParts, withheld } = facts;
  const open = [
    ...whyUnsigned(facts, provenSize > 0),
    ...(withheld > 0 ? [`Only a selection is shown: ${withheld} entries were left out by whoever exported it.`] : []),
    ...(gaps.entries > 0
      ? [`The trail itself says that ${gaps.events} events could not be kept (${gaps.entries} gap entries).`]
      : []),
    ...(provenSize < size ? [pending(size - provenSize)] : []),
    ...(lockedParts > 0
      ? [`${lockedParts} parts of personal data are encrypted; whether they are what was recorded was not checked.`]
      : []),
    "What the application never recorded, no trail can show.",
  ];
  const by = provenSize > 0 ? [`the signed checkpoint of size ${provenSize}`] : [];
  return property(provenSize > 0 && withheld === 0 && !facts.isPolicyUntrusted, provenSize, by, open);
}

function stateSameView({ held }: PropertyFacts): Property {
  const witnessed = held.filter(({ witnesses, isAccepted }) => witnesses.length > 0 && isAccepted);
  const upTo = largest(witnessed);
  const by = distinct(
    witnessed
      .filter(({ size }) => size === upTo)
      .flatMap(({ witnesses, size }) => witnesses.map(({ name }) => `witness ${name} at size ${size}`)),
  );
  const open = witnessed.length === 0 ? ["No witness has cosigned: others may be shown another trail."] : [];
  return property(upTo > 0, upTo, by, open);
}

function stateTime({ held }: PropertyFacts): Property {
  const timed = held.filter(({ times }) => times.length > 0);
  const upTo = largest(timed);
  const by = distinct(
    timed
      .filter(({ size }) => size === upTo)
      .flatMap(({ times }) =>
        times.map(({ by: who, timeSeconds }) => `${who}, ${formatInstant(timeSeconds * 1_000_000)}`),
      ),
  );
  const open = timed.length === 0 ? ["Nobody else vouches for when: all times are the recorder's own clock."] : [];
  return property(upTo > 0, upTo, by, open);
}

function property(established: boolean, upTo: number, by: readonly string[], open: readonly string[]): Property {
  return { established, upTo, by, open };
}

function largest(checkpoints: readonly JudgedCheckpoint[]): number {
  return checkpoints.reduce((most, { size }) => Math.max(most, size), 0);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
