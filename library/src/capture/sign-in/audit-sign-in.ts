import type { Action } from "../../event/action.ts";
import { reference, type Actor, type Target } from "../../event/event.ts";
import type { CaptureTrail, Receipt } from "../../trail/types.ts";

/** A trail that sign-ins can be recorded into: its catalogue has `signInLog()`. */
export type SignInTrail = CaptureTrail<{
  readonly "sign-in.logged-in": Action;
  readonly "sign-in.logged-out": Action;
  readonly "sign-in.failed": Action;
}>;

/** A log-in that did not succeed. There is no place for the password. */
export interface FailedLogIn {
  /** The name that was tried, as it was typed. */
  readonly name: string;
  /** Why, for those who read the log: `wrong password`, `unknown name`, `locked`. */
  readonly cause?: string;
  readonly method?: string;
  /** The account of that name, where there is one. */
  readonly account?: Target;
}

/** Each resolves and rejects as {@link Trail.record} does. */
export interface SignInAudit {
  loggedIn(actor: Actor, how?: { readonly method?: string }): Promise<Receipt>;
  /** `cause` where it was not the person's own doing: `expired`, `revoked`. */
  loggedOut(actor: Actor, why?: { readonly cause?: string }): Promise<Receipt>;
  failed(tried: FailedLogIn): Promise<Receipt>;
}

const longestName = 256;
const nobody: Actor = { type: "anonymous" };

/**
 * Records who signs in and out, and who fails to. Where from, it takes from the context, which a capture of requests sets.
 * Errors: `ACTION_UNKNOWN` where the catalogue lacks `signInLog()`.
 *
 * @example
 * const signIn = auditSignIn(trail);
 * await signIn.failed({ name: form.name, cause: "wrong password" });
 */
export function auditSignIn(trail: SignInTrail): SignInAudit {
  for (const action of ["logged-in", "logged-out", "failed"]) trail.begin(`sign-in.${action}` as never);
  const record = (action: string, fields: object): Promise<Receipt> =>
    trail.record(`sign-in.${action}` as never, fields as never);
  // Callers without types may hand over a whole form: only what is named here is looked at.
  return {
    loggedIn: (actor, { method } = {}) => record("logged-in", { actor, data: { method } }),
    loggedOut: (actor, { cause } = {}) => record("logged-out", { actor, data: { cause } }),
    failed: ({ name, cause, method, account }) =>
      record("failed", {
        ...{ actor: nobody, outcome: "failure", data: { name: name.slice(0, longestName), cause, method } },
        ...(account !== undefined && { target: account, subjects: [reference(account)] }),
      }),
  };
}
