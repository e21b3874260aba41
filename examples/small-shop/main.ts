/** `npm run shop`: records a small shop's morning, then asks what a person would ask. Every answer is the command's own. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import {
  applyVoucher,
  closeShop,
  confirmByEmail,
  openShop,
  packOrder,
  placeOrder,
  refund,
  signIn,
  type Person,
  type Shop,
} from "./shop.ts";

const mira: Person = { type: "user", id: "7", name: "Mira Okafor", email: "mira@example.com" };
const ana: Person = { type: "customer", id: "42", name: "Ana Pop", email: "ana@example.com" };
const wei: Person = { type: "customer", id: "43", name: "李伟", email: "wei@example.com" };
const mailer = { type: "service", id: "mailer" } as const;

/** The latest morning that is over, in local time. */
function createMorning() {
  const day = new Date();
  if (day.getHours() < 10) day.setDate(day.getDate() - 1);
  let micros = 0;
  return {
    date: `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`,
    clock: { nowMicros: () => micros },
    at: (time: string): void => {
      const [hours, minutes, seconds] = time.split(":").map(Number) as [number, number, number];
      micros = day.setHours(hours, minutes, seconds, 0) * 1000;
    },
  };
}

async function liveThrough(shop: Shop, at: (time: string) => void): Promise<void> {
  const { trail } = shop;
  const http = { source: "http", ip: "203.0.113.7" } as const;
  const as = (actor: Person | typeof mailer, fn: () => Promise<void> | void) =>
    trail.with({ actor, context: http }, async () => fn());

  at("08:02:11");
  await as(mira, () => signIn(shop, "mira", false));
  at("08:02:26");
  await as(mira, () => signIn(shop, "mira", true));
  at("08:05:40");
  await as(ana, () => placeOrder(shop, "1042", "84.50", 3, 3));
  at("08:05:41");
  await as(mailer, () => confirmByEmail(shop, "1042", ana));
  at("08:14:02");
  await as(ana, () => applyVoucher(shop, "V-7", "1042", "20.00"));
  at("08:20:15");
  await as(wei, () => placeOrder(shop, "1043", "37.60", 1, 0));
  at("08:20:16");
  await as(mailer, () => confirmByEmail(shop, "1043", wei, new Error("550 mailbox unavailable")));
  at("08:40:33");
  await as(mira, () => applyVoucher(shop, "V-9", "1043", "37.60"));
  at("08:52:09");
  // Somebody tries to write on the screen of whoever reads the log.
  const stranger = { actor: { type: "unknown" }, context: { ...http, ip: "198.51.100.9" } };
  await trail.with(stranger, () => signIn(shop, "\u001b[2Jmira\u202e", false));
  at("09:03:00");
  await as(mira, () => packOrder(shop, "1043").catch(() => undefined));
  at("09:10:21");
  await as(mira, () => packOrder(shop, "1042"));
  at("09:41:03");
  await as(mira, () => refund(shop, "1042", "20.00", "a cup broke while packing, ticket 331"));
}

const program = fileURLToPath(new URL("bin/auditrail.js", import.meta.resolve("auditrail/package.json")));
const strong = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[22m` : text);

/** Shows a question, the command that asks it, and what that command answers. */
function ask(question: string, command: string, file: string): void {
  process.stdout.write(`\n${strong(question)}\n$ auditrail ${command}\n`);
  const words = command.split(" ").map((word) => word.replaceAll("'", ""));
  const columns = process.stdout.isTTY ? {} : { COLUMNS: "96" };
  const { status } = spawnSync(process.execPath, [program, ...words], {
    stdio: "inherit",
    env: { ...process.env, ...columns, AUDITRAIL_STORE: file },
  });
  if (status !== 0) process.exitCode = 1;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
mkdirSync(join(root, ".auditrail-demo"), { recursive: true });
const file = join(mkdtempSync(join(root, ".auditrail-demo", "morning-")), "shop.db");
const morning = createMorning();
const shop = await openShop(file, morning.clock);
await liveThrough(shop, morning.at);
await closeShop(shop);

const shown = relative(process.cwd(), file).split(sep).join("/");
process.stdout.write(`A small shop's morning is recorded in ${shown}. What would you ask?\n`);
ask("What went wrong?", `query -outcome:success after:${morning.date}`, file);
ask("What did Mira do?", "query actor:user/7 --oldest", file);
ask("What happened to order 1042?", "timeline target order/1042", file);
ask("Who changed what?", "query has:changed --columns time,actor,target,changes", file);
ask("How much of everything?", "report --by action", file);
process.stdout.write(`
${strong("Your turn")} (npm puts a Node that is new enough in front):
  export AUDITRAIL_STORE=${shown}
  npx auditrail show 11                           one entry, whole
  npx auditrail show 8                            somebody tried to write on your screen
  npx auditrail report --bucket hour              the morning by the hour
  npx auditrail query 'changed:balance after.balance:<15'
  npx auditrail export -o morning.csv
  npx auditrail doctor                            is every entry what was recorded?
  npx auditrail serve                             the same in a browser: search, entries, timelines, proofs
  npx auditrail --help
The code is in examples/small-shop: catalogue.ts says what is recorded, shop.ts records it.
`);
