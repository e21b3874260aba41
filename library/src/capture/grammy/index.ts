export { auditBot } from "./audit-bot.ts";
export type { GrammyContext } from "./audit-bot.ts";
export type { BotCapture, BotCaptureMethods, BotMiddleware } from "../bot-capture.ts";
export { updateOf } from "../audit-update.ts";
export type { AuditedUpdate, UpdateFields, UpdateOptions, UpdateTrail } from "../audit-update.ts";
export { botLog } from "../bot-log.ts";
export type { BotLogOptions } from "../bot-log.ts";
