export { auditMail } from "./audit-mail.ts";
export type { AuditedTransport, Mail, MailAudit, MailOptions, MailTrail, MailTransport } from "./audit-mail.ts";
export type { MailAddresses } from "./addresses.ts";
export { mailLog } from "./mail-log.ts";
export { recordMailNotice } from "./record-mail-notice.ts";
export type { MailNotice, MailNoticeTrail, RecordedNotice } from "./record-mail-notice.ts";
export type { LogSettings } from "../log-settings.ts";
