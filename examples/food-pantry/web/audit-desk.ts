/** The pantry's own audit server: console, embedded timelines, and the hand-over of staff into the console. */

import type { PersonRow } from "../domain/rows.ts";

export interface AuditDesk {
  /** A link that signs this person in to the console, once, at a place behind its `#`. */
  linkFor(person: PersonRow, to?: string): string;
  /** A short-lived token for one timeline. */
  timelineToken(target: string): Promise<string>;
  /** Erases the personal data of a subject in the logs; the entries and their proofs stay. */
  erase(subject: string, reason: string): Promise<void>;
  fetch(request: Request, address: string | undefined): Promise<Response>;
  close(): Promise<void>;
}

/** Where it is mounted. */
export const auditPath = "/audit";
