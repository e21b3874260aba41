import { AuditError } from "../base/errors.ts";

/** For a handler that asks for its request where the capture has not seen it. */
export function notCaptured(): AuditError {
  return new AuditError(
    "CONTEXT_INVALID",
    "Cannot find the audited request: auditRequests() has not seen it. Use it on the application before the routes.",
  );
}
