/** Everything the pantry records. Logs of its own are in `logs/`; the others come with what is captured. */

import { defineCatalogue } from "auditrail";
import { requestLog } from "auditrail/hono";
import { mailLog } from "auditrail/nodemailer";
import { systemLog } from "auditrail/pino";
import { signInLog } from "auditrail/sign-in";

import { orderLog, orderValidationLog } from "./logs/order-logs.ts";
import { pantryLog } from "./logs/pantry-log.ts";
import { voucherLog } from "./logs/voucher-log.ts";

const restricted = "restricted";

/** Every mail that was tried, and what became of it later. */
const emailLog = mailLog({ retain: { days: 730 } });

/** Who came and went, and who tried to. */
const comings = signInLog({ retain: { days: 365 }, readers: restricted });

/** What the program says of itself, by logger: `apps.orders`, `apps.voucher`, `apps.account`, `apps.pantry`. */
const programLog = systemLog({ retain: { days: 90 }, readers: restricted });

/** Every request that may change something, and every one that was refused. */
const httpLog = requestLog({ retain: { days: 90 }, readers: restricted });

export const catalogue = defineCatalogue(
  ...([emailLog, orderValidationLog, orderLog, voucherLog, comings, programLog, pantryLog, httpLog] as const),
);
