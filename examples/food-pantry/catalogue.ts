/** Everything the pantry records. Each log has a file of its own in `logs/`. */

import { defineCatalogue } from "auditrail";

import { emailLog } from "./logs/email-log.ts";
import { orderLog, orderValidationLog } from "./logs/order-logs.ts";
import { pantryLog } from "./logs/pantry-log.ts";
import { signInLog } from "./logs/sign-in-log.ts";
import { systemLog } from "./logs/system-log.ts";
import { voucherLog } from "./logs/voucher-log.ts";

export const catalogue = defineCatalogue(
  ...([emailLog, orderValidationLog, orderLog, voucherLog, signInLog, systemLog, pantryLog] as const),
);
