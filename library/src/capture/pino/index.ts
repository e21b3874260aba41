export { createLogStream } from "./create-log-stream.ts";
export type { LogStream, LogStreamOptions, LogTrail } from "./create-log-stream.ts";
export type { LevelName } from "./read-line.ts";
export { systemLog } from "./system-log.ts";
export type { LogSettings } from "../log-settings.ts";
