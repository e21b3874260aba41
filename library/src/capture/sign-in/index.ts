export { auditSignIn } from "./audit-sign-in.ts";
export type { FailedLogIn, SignInAudit, SignInTrail } from "./audit-sign-in.ts";
export { signInLog } from "./sign-in-log.ts";
export type { LogSettings } from "../log-settings.ts";
