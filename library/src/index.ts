export { AuditError, isAuditError } from "./base/errors.ts";
export { errorCodes } from "./base/error-codes.ts";
export type { ErrorCode, ErrorCodeInfo } from "./base/error-codes.ts";
export type { Json, JsonObject } from "./base/canonical-json.ts";
export type { Clock } from "./base/time.ts";
export { action } from "./event/action.ts";
export type { Action, ActionOptions, Guarantee } from "./event/action.ts";
export { defineCatalogue, defineLog, openCatalogue } from "./event/catalogue.ts";
export type { Actions, Catalogue, ListOptions, Log, LogOptions } from "./event/catalogue.ts";
export { describeCatalogue, parseCatalogue } from "./event/describe.ts";
export type { CatalogueDescription } from "./event/describe.ts";
export { openEntry } from "./event/entry.ts";
export type { Entry, StoredEntry } from "./event/entry.ts";
export { defineRowLog } from "./event/row-log.ts";
export type { RowLogOptions } from "./event/row-log.ts";
export type { InventoryItem, InventoryKind } from "./event/inventory.ts";
export type { Actor, AuditEvent, EventFields, Outcome, Severity, Target, Where } from "./event/event.ts";
export { money, personal, secret } from "./event/marks.ts";
export { renderSentence } from "./event/sentence.ts";
export { bindContext, currentContext, resumeContext, runWithContext, serializeContext } from "./context/context.ts";
export type { CurrentContext, RecordContext } from "./context/context.ts";
export type { BucketUnit, CountRow, Order } from "./query/request.ts";
export { openTrail } from "./trail/open-trail.ts";
export type { SpoolSettings, TrailOptions } from "./trail/open-trail.ts";
export type { Store, StoredPage, TrailHead } from "./trail/contracts.ts";
export type {
  AskOptions,
  CaptureTrail,
  CountOptions,
  FieldsOf,
  FollowOptions,
  Health,
  OpenOperation,
  Operation,
  Page,
  QueryOptions,
  Receipt,
  Trail,
  TransactionRecorder,
} from "./trail/types.ts";
