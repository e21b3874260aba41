import { AuditError, assertKnownOptions } from "../../base/errors.ts";
import { createIdSource } from "../../base/ids.ts";
import { systemClock, type Clock } from "../../base/time.ts";
import type { Action } from "../../event/action.ts";
import { errorInfo } from "../../event/error-info.ts";
import { reference, type ErrorInfo, type EventFields, type Target } from "../../event/event.ts";
import type { CaptureTrail } from "../../trail/types.ts";
import { guarded } from "../guarded.ts";
import { bareAddresses, withoutAddresses, type MailAddresses } from "./addresses.ts";

/** A trail that mails can be recorded into: its catalogue has `mailLog()`. */
export type MailTrail = CaptureTrail<{ readonly "email.sent": Action }>;

/** What the audit trail shall know of a mail that the mail itself does not say; nodemailer does not see it. */
export interface MailAudit {
  /** What kind of mail it is: `order-confirmation`. */
  readonly type?: string;
  readonly template?: string;
  /** The person it is written to, whose personal data the addresses are. */
  readonly to?: Target;
  /** What it is about. */
  readonly about?: readonly Target[];
  /** Tries before this one. */
  readonly retries?: number;
}

/** A mail, as far as it is looked at. */
export interface Mail {
  readonly from?: MailAddresses;
  readonly to?: MailAddresses;
  readonly cc?: MailAddresses;
  readonly bcc?: MailAddresses;
  readonly subject?: string;
  readonly messageId?: string;
  readonly raw?: unknown;
}

/** What a transport answers, as far as it is looked at. */
interface SentInfo {
  readonly messageId?: string;
  readonly accepted?: readonly MailAddresses[];
  readonly rejected?: readonly MailAddresses[];
  readonly response?: string;
}

/** Nodemailer's transporter, as far as it is used. */
export interface MailTransport {
  sendMail(mail: never): unknown;
}

/** What it takes and what it promises; nodemailer's other overload, with a callback, promises nothing. */
type Sends<T extends MailTransport> = T["sendMail"] extends {
  (mail: infer M, ...rest: never[]): infer A;
  (mail: never, ...rest: never[]): infer B;
}
  ? [M, Awaited<Extract<A | B, Promise<unknown>>>]
  : never;

/** A transporter whose mails may say more for the audit trail. */
export type AuditedTransport<T extends MailTransport> = T & {
  sendMail(mail: Sends<T>[0] & { readonly audit?: MailAudit }): Promise<Sends<T>[1]>;
};

export interface MailOptions {
  readonly clock?: Clock;
}

type Send = (mail: object) => Promise<unknown>;
type Callback = (error: unknown, info?: unknown) => void;

const audited = new WeakSet<object>();

/**
 * Records every mail that goes through a nodemailer transporter, whoever holds it: `sendMail` of the transporter itself is
 * replaced. A mail that fails is recorded, and its error passed on as it came; recording that fails is counted by
 * the trail's `health()` and changes nothing for the sender.
 *
 * Errors: `ACTION_UNKNOWN` where the catalogue lacks `mailLog()`; `OPTION_UNKNOWN`; `OPTION_INVALID` for a transporter
 * that is recorded already.
 *
 * @example
 * const mailer = auditMail(nodemailer.createTransport(smtpUrl), trail);
 * await mailer.sendMail({ from, to, subject, text, audit: { type: "order-confirmation" } });
 */
export function auditMail<T extends MailTransport>(
  transport: T,
  trail: MailTrail,
  options: MailOptions = {},
): AuditedTransport<T> {
  assertKnownOptions("auditMail()", options, ["clock"]);
  trail.begin("email.sent" as never);
  if (audited.has(transport))
    throw new AuditError(
      "OPTION_INVALID",
      "Cannot audit the mail transporter: it is audited already, and each mail would be recorded twice.",
    );
  audited.add(transport);
  const send = (transport.sendMail as Send).bind(transport);
  const sendAudited = createSendAudited(send, trail, createIdSource(options.clock ?? systemClock));
  const sendMail = (mail: AuditedMail, callback?: Callback): Promise<unknown> | undefined => {
    const sending = sendAudited(mail);
    if (callback === undefined) return sending;
    // Outside of the promise, so that what the callback throws is uncaught, as it is without us.
    sending.then(
      (info) => setImmediate(callback, null, info),
      (error: unknown) => setImmediate(callback, error),
    );
    return undefined;
  };
  return Object.assign(transport, { sendMail }) as unknown as AuditedTransport<T>;
}

type AuditedMail = Mail & { readonly audit?: MailAudit };

function createSendAudited(send: Send, trail: MailTrail, ids: () => string) {
  return async (given: AuditedMail | undefined): Promise<unknown> => {
    const { audit = {}, ...rest } = given ?? {};
    const operation = trail.begin("email.sent" as never);
    // Made here, so that a mail that fails has one too, and later notices find it.
    const mail =
      rest.messageId === undefined && rest.raw === undefined ? { ...rest, ...newMessageId(rest, ids) } : rest;
    const said = guarded(() => describeMail(mail, audit, operation.id)) ?? {};
    const addresses = guarded(() => recipientsOf(mail)) ?? [];
    let info: SentInfo;
    try {
      info = (await operation.run(() => send(mail))) as SentInfo;
    } catch (error) {
      await operation.end(withResult(said, { error: cleanError(error, addresses), data: { ...smtpCodeOf(error) } }));
      throw error;
    }
    await operation.end(withResult(said, guarded(() => resultOf(info)) ?? {}));
    return info;
  };
}

/** What has an id has it in angle brackets; the domain is the sender's, as nodemailer does it. */
function newMessageId({ from }: Mail, ids: () => string): { readonly messageId?: string } {
  const domain = guarded(() => bareAddresses(from)[0]?.split("@")[1]);
  return domain === undefined ? {} : { messageId: `<${ids()}@${domain}>` };
}

function describeMail(mail: Mail, { type, template, to, about = [], retries = 0 }: MailAudit, id: string): EventFields {
  const { messageId, subject } = mail;
  const target = mailTarget(messageId ?? id);
  const recipients = recipientsOf(mail);
  return {
    targets: [target, ...(to === undefined ? [] : [{ role: "recipient", ...to }]), ...about],
    // Without a person, the personal data of a mail is that mail's own.
    subjects: [reference(to ?? target)],
    data: {
      ...{ retries, type, template, messageId, subject },
      ...(recipients.length > 0 && { recipient: recipients.join(", ") }),
    },
  };
}

function recipientsOf({ to, cc, bcc }: Mail): readonly string[] {
  return bareAddresses([to, cc, bcc]);
}

/** How events of one mail are found: by its message id, without the angle brackets. */
export function mailTarget(messageId: string): Target {
  return { type: "email", id: messageId.replace(/^<|>$/g, "") };
}

function withResult(said: EventFields, result: EventFields): EventFields {
  return { ...said, ...result, data: { ...(said.data as object), ...(result.data as object | undefined) } };
}

function resultOf({ messageId, accepted = [], rejected = [], response = "" }: SentInfo): EventFields {
  const smtpCode = /^\d{3}\b/.exec(response)?.[0];
  const refused = bareAddresses(rejected);
  return {
    // Sent to some of them only.
    ...(refused.length > 0 && { severity: "warning" as const }),
    data: {
      ...(messageId !== undefined && { messageId }),
      ...(accepted.length > 0 && { accepted: accepted.length }),
      ...(refused.length > 0 && { refused }),
      ...(smtpCode !== undefined && { smtpCode: Number(smtpCode) }),
    },
  };
}

function smtpCodeOf(error: unknown): { readonly smtpCode?: number } {
  const code = guarded(() => (error as { readonly responseCode?: unknown }).responseCode);
  return Number.isInteger(code) ? { smtpCode: code as number } : {};
}

function cleanError(error: unknown, addresses: readonly string[]): ErrorInfo {
  const { stack, ...info } = errorInfo(error);
  const clean = (text: string): string => withoutAddresses(text, addresses);
  return { ...info, message: clean(info.message), ...(stack !== undefined && { stack: clean(stack) }) };
}
