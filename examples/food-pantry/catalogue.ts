/** Everything the pantry records. Each log has a file of its own in `logs/`. */

import { defineCatalogue } from "auditrail";
import { requestLog } from "auditrail/hono";

import { emailLog } from "./logs/email-log.ts";
import { orderLog, orderValidationLog } from "./logs/order-logs.ts";
import { pantryLog } from "./logs/pantry-log.ts";
import { signInLog } from "./logs/sign-in-log.ts";
import { systemLog } from "./logs/system-log.ts";
import { voucherLog } from "./logs/voucher-log.ts";

/** Every request that may change something, and every one that was refused. */
const httpLog = requestLog({ retain: { days: 90 }, readers: "restricted" });

export const catalogue = defineCatalogue(
  ...([emailLog, orderValidationLog, orderLog, voucherLog, signInLog, systemLog, pantryLog, httpLog] as const),
);
