import { idFromDigest } from "../../base/ids.ts";
import { sha256 } from "../../base/sha256.ts";
import { readInstant } from "../../base/time.ts";
import { runWithoutContext } from "../../context/context.ts";
import type { Action } from "../../event/action.ts";
import { reference, type Actor, type AuditEvent } from "../../event/event.ts";
import type { CaptureTrail, Receipt, Trail } from "../../trail/types.ts";
import { bareAddresses, withoutAddresses } from "./addresses.ts";
import { mailTarget } from "./audit-mail.ts";

/** A trail that notices can be recorded into, and that mails can be found in. */
export type MailNoticeTrail = CaptureTrail<{
  readonly "email.sent": Action;
  readonly "email.delivered": Action;
  readonly "email.bounced": Action;
  readonly "email.complained": Action;
}> &
  Pick<Trail, "query">;

/** What a mail system tells of a mail later. */
export interface MailNotice {
  readonly kind: "delivered" | "bounced" | "complained";
  /** Of the mail, with or without angle brackets. */
  readonly messageId: string;
  /** When it happened; with it, the same notice twice is one event. */
  readonly at?: string | Date;
  readonly recipient?: string;
  /** Why, in the words of the mail system. */
  readonly cause?: string;
  readonly smtpCode?: number;
  /** Who tells it; the mail system unless said. */
  readonly actor?: Actor;
  readonly tenant?: string;
}

export interface RecordedNotice {
  readonly receipt: Receipt;
  /** The id of the event that tells of the mail itself; absent where there is none, and the notice stands alone. */
  readonly sent?: string;
}

const mailSystem: Actor = { type: "service", id: "mail" };

/**
 * Records what became of a mail, tied to the event of its sending: the same operation, which it names as its cause.
 * Errors: those of {@link Trail.record} and {@link Trail.query}.
 */
export async function recordMailNotice(trail: MailNoticeTrail, notice: MailNotice): Promise<RecordedNotice> {
  const { kind, at, smtpCode, cause, tenant, actor = mailSystem } = notice;
  const target = mailTarget(notice.messageId);
  const sent = await findSent(trail, target.id, tenant);
  const data = sent?.data ?? {};
  const recipient = notice.recipient ?? data["recipient"];
  const addresses = bareAddresses([notice.recipient, data["recipient"] as string | undefined]);
  const fields = {
    ...{ actor, tenant, id: idOf(notice), occurredAt: at },
    targets: sent?.targets ?? [target],
    subjects: sent?.subjects ?? [reference(target)],
    ...(sent !== undefined && { causationId: sent.id, operationId: sent.operationId }),
    ...(kind === "delivered" ? {} : { outcome: "failure" }),
    data: {
      ...{ type: data["type"], messageId: notice.messageId, recipient, smtpCode },
      ...(cause !== undefined && { cause: withoutAddresses(cause, addresses) }),
    },
  };
  // The request that brings the notice is the mail system's, and another one when it is repeated.
  const receipt = await runWithoutContext(() => trail.record(`email.${kind}` as never, fields as never));
  return sent === undefined ? { receipt } : { receipt, sent: sent.id };
}

async function findSent(
  trail: MailNoticeTrail,
  id: string,
  tenant: string | undefined,
): Promise<AuditEvent | undefined> {
  const query = `action:email.sent outcome:success target:${JSON.stringify(`email/${id}`)}`;
  const { entries } = await trail.query(query, { limit: 1, ...(tenant !== undefined && { tenant }) });
  return entries[0]?.event;
}

/** The same for the same notice, which mail systems repeat until they are answered. */
function idOf({ kind, messageId, recipient, at }: MailNotice): string | undefined {
  if (at === undefined) return undefined;
  const micros = at instanceof Date ? at.getTime() * 1000 : readInstant(at);
  if (micros === undefined || !Number.isFinite(micros)) return undefined;
  const digest = sha256(JSON.stringify([kind, mailTarget(messageId).id, recipient, micros]));
  return idFromDigest(micros, digest);
}
