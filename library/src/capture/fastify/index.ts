export { auditRequests, requestOf } from "./audit-requests.ts";
export type { FastifyApp, FastifyCapture, FastifyRequestShape } from "./audit-requests.ts";
export type { AuditedRequest } from "../audit-request.ts";
export { requestLog } from "../request-log.ts";
export type { LogSettings } from "../log-settings.ts";
export type { RequestLogOptions } from "../request-log.ts";
export type { Exclusion, RequestFields, RequestOptions, RequestTrail } from "../request-options.ts";
export type { TraceIds } from "../trace-context.ts";
