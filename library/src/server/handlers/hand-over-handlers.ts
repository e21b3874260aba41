import { AuditError } from "../../base/errors.ts";
import type { Person } from "../accounts/people.ts";
import type { AnyCall, Handlers } from "../call.ts";
import { parseHandOver, type HandOverClaim, type HandOverRules } from "../hand-over.ts";
import { accessOf } from "./people-handlers.ts";
import { begin } from "./session-handlers.ts";

export const handOverHandlers: Handlers<"handOver"> = {
  async handOver(call) {
    const { handOver: rules, accounts } = call.services;
    const { address } = call.origin;
    const door = `(hand-over) ${address}`;
    accounts.attempts.assertOpen(door, address);
    const claim = rules === undefined ? undefined : parseHandOver(call.body.token, rules.key);
    if (rules === undefined || claim === undefined) {
      // Only these count as tries: links of an office's own application that have run out are no guesses.
      accounts.attempts.noteFailure(door, address);
      return refuse(call, "(hand-over)", "it is not signed by an application that this server knows");
    }
    const problem = problemOf(call, rules, claim);
    if (problem !== undefined) return refuse(call, claim.name, problem);
    // Told first: what cannot be told is not made.
    const id = await tellArrival(call, claim, accounts.handedOver.find(claim.id));
    return begin(call, accounts.handedOver.arrive(claim, id), "hand-over");
  },
};

/** Why a link that an application signed cannot be used. Asking uses it up. */
function problemOf(
  { services }: AnyCall,
  { maxAgeMicros, roles }: HandOverRules,
  claim: HandOverClaim,
): string | undefined {
  const { accounts, clock } = services;
  const leftMicros = claim.expiresAtMicros - clock.nowMicros();
  if (leftMicros <= 0) return "it has run out";
  if (leftMicros > maxAgeMicros) return "it is made to last longer than this server allows";
  if (!accounts.handedOver.use(claim.nonce, claim.expiresAtMicros)) return "it was used already";
  const tooMuch = claim.roles.find((role) => !roles.includes(role));
  if (tooMuch !== undefined) return `this server takes no ${tooMuch} by hand-over`;
  return accounts.handedOver.find(claim.id)?.disabled === true
    ? "an administrator has disabled this person"
    : undefined;
}

async function refuse({ services, origin }: AnyCall, name: string, problem: string): Promise<never> {
  await services.accessLog.record("auditrail.sign-in-failed", origin, {
    outcome: "denied",
    data: { name, cause: "hand-over" },
    message: problem,
  });
  throw new AuditError("HAND_OVER_INVALID", `This link does not sign you in: ${problem}.`);
}

/** Somebody who is new, or may do something else than last time, is told of as any change of people is. Gives the person's id. */
async function tellArrival(
  { services: { accessLog, ids }, origin }: AnyCall,
  { name, roles, tenants }: HandOverClaim,
  before: Person | undefined,
): Promise<string> {
  const id = before?.id ?? ids();
  const person = { type: "person", id, name };
  const event = { actor: person, target: person, after: { roles, tenants, disabled: false } };
  if (before === undefined) {
    await accessLog.record("auditrail.person-created", origin, event);
    return id;
  }
  const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
  const changed = [
    ...(isSame(before.roles, roles) ? [] : ["roles"]),
    ...(isSame(before.tenants, tenants) ? [] : ["tenants"]),
  ];
  if (changed.length > 0)
    await accessLog.record("auditrail.person-changed", origin, {
      ...{ ...event, before: accessOf(before), data: { changed } },
    });
  return id;
}
