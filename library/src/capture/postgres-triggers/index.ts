export { captureSql, installCapture, removeCapture } from "./install-capture.ts";
export type { InstalledCapture } from "./install-capture.ts";
export { checkCapture } from "./check-capture.ts";
export { countChanges, drainChanges } from "./drain-changes.ts";
export type { Drained, RowTrail } from "./drain-changes.ts";
export { writeInOperation } from "./write-in-operation.ts";
export type { CaptureOptions } from "./decisions.ts";
export type { Connection } from "./connection.ts";
