/** What the pages have at hand. */

import type { Context } from "hono";
import type { html } from "hono/html";

import type { Pantry } from "../domain/pantry.ts";
import type { PersonRow } from "../domain/rows.ts";
import type { Outbox } from "../mail/send-mail.ts";
import type { AuditDesk } from "./audit-desk.ts";

export interface Site {
  readonly pantry: Pantry;
  readonly outbox: Outbox;
  readonly desk: AuditDesk;
  /** What mail systems show to tell what became of a mail. */
  readonly noticeKey: string;
  /** Told of faults of ours. */
  readonly report: (error: Error) => void;
  /** Cookies for HTTPS only. */
  readonly secureCookies: boolean;
}

export interface Env {
  Variables: {
    readonly person: PersonRow | undefined;
    readonly token: string | undefined;
    /** A word about what was just done, to be shown once. */
    readonly said: string | undefined;
  };
}

export type Call = Context<Env>;
export type Markup = ReturnType<typeof html>;

/** Who is signed in; only behind {@link requireRole}. */
export function personAt(c: Call): PersonRow {
  return c.get("person")!;
}

/** The customer number of a participant who is signed in. */
export function participantAt(c: Call): string {
  return personAt(c).participant!;
}
