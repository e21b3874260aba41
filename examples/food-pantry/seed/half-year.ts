/** Half a year of a pantry: the real code, lived through day by day under a clock of our own. */

import { readAccount } from "../domain/balance.ts";
import { planBulk, carryOutBulk } from "../domain/bulk-vouchers.ts";
import { advanceOrder, cancelOrder, confirmOrder } from "../domain/orders.ts";
import { openPantry, type Pantry } from "../domain/pantry.ts";
import { registerParticipant } from "../domain/participants.ts";
import { choosePassword, makeAccount, readPerson, signIn } from "../domain/people.ts";
import { listProducts, setStock } from "../domain/products.ts";
import { isTakingOrders, listPrograms, planPause } from "../domain/programs.ts";
import type { OrderRow, PersonRow, VoucherRow } from "../domain/rows.ts";
import { voucherCode } from "../domain/targets.ts";
import { applyPending, expireVoucher } from "../domain/vouchers.ts";
import { noticeDelivery, openOutbox, type MailTransport } from "../mail/send-mail.ts";
import { openCalendar } from "./calendar.ts";
import { between, createChance, pick, type Chance } from "./chance.ts";
import { putFirstRows } from "./first-rows.ts";
import { drawHousehold } from "./households.ts";
import { createTally, type Tally } from "./tally.ts";
import { atBrowser, demoPassword, visit, type World } from "./visits.ts";

export interface SeedOptions {
  readonly file: string;
  readonly trailAt?: string | undefined;
  readonly participants?: number;
  readonly weeks?: number;
  readonly until?: Date;
  readonly zone?: string;
  /** Told after each week, which takes about half a second. */
  readonly onWeek?: (week: number, weeks: number) => void;
}

const setUp = { type: "system", id: "set-up", name: "Set-up" } as const;

/** Makes the pantry's file, with a history that ends at `until`. */
export async function seedPantry({
  file,
  trailAt,
  participants = 120,
  weeks = 26,
  until = new Date(),
  zone = "UTC",
  onWeek = () => undefined,
}: SeedOptions): Promise<Tally> {
  const calendar = openCalendar(weeks * 7, until, zone);
  const chance = createChance(2026);
  const tally = createTally();
  calendar.goTo(0, 7);
  // A low cost for made-up passwords; what people choose later has the usual one.
  const pantry = await openPantry({ file, trailAt, clock: calendar.clock, chance, zone, passwordCostLog2: 4 });
  try {
    if ((await pantry.trail.trails()).length > 0)
      throw new Error(
        `The trail has entries already, and there is no pantry at ${file} that they are about. Name another schema (?schema=…), or drop that one.`,
      );
    putFirstRows(pantry);
    await hireStaff(pantry);
    const world = { pantry, calendar, chance, tally };
    await liveThrough(world, participants, (day) => (day % 7 === 6 ? onWeek((day + 1) / 7, weeks) : undefined));
  } finally {
    await pantry.close();
  }
  return tally;
}

async function hireStaff(pantry: Pantry): Promise<void> {
  await pantry.trail.with({ actor: setUp, context: { source: "cli" } }, async () => {
    const staff = [
      { login: "mira", name: "Mira Okafor", email: "mira@pantry.example.org", role: "staff" },
      { login: "jo", name: "Jo Marsh", email: "jo@pantry.example.org", role: "staff" },
      { login: "tomas", name: "Tomás Herrera", email: "tomas@pantry.example.org", role: "superuser" },
    ] as const;
    for (const account of staff) await choosePassword(pantry, makeAccount(pantry, account), demoPassword);
  });
}

async function liveThrough(world: World, participants: number, onDay: (day: number) => void): Promise<void> {
  const { pantry, calendar, chance } = world;
  const outbox = openOutbox(pantry, {
    transport: unreliableTransport(chance),
    url: "https://pantry.example.org",
    waitsMs: [],
  });
  const mira = readPerson(pantry, "mira");
  for (let day = 0; day < calendar.days; day += 1) {
    const registered = Math.ceil(participants * Math.min(1, 0.5 + (day / calendar.days) * 0.7));
    if (!(await openDay(world, mira, day, registered))) return;
    await outbox.settled();
    await shoppingHours(world, day, registered);
    await outbox.settled();
    if (!calendar.goTo(day, 18)) return;
    await noticeSome(pantry, chance);
    await packOrders(world, readPerson(pantry, "jo"));
    await outbox.settled();
    // While it is still that day: the trail says when it was told.
    await pantry.delivered();
    onDay(day);
  }
}

/** The morning: new participants, vouchers every second Monday, applied the day after, shelves filled. False where it has not come yet. */
async function openDay(world: World, mira: PersonRow, day: number, registered: number): Promise<boolean> {
  const { pantry, calendar, chance } = world;
  if (!calendar.goTo(day, 8.5)) return false;
  const weekday = calendar.weekday(day);
  const week = Math.floor(day / 7);
  if (weekday === 1) await atBrowser(world, mira, "/sign-in", () => signIn(pantry, "mira", demoPassword));
  await registerSome(world, mira, registered);
  if (day === 0 || (weekday === 1 && week % 2 === 0)) {
    for (const program of listPrograms(pantry))
      atBrowser(world, mira, "/staff/vouchers/bulk", () =>
        carryOutBulk(pantry, program, "grocery", planBulk(pantry, program, "grocery").fingerprint),
      );
  }
  calendar.pass(between(chance, 200, 900));
  if (day === 0 || weekday === 2)
    for (const program of listPrograms(pantry))
      atBrowser(world, mira, "/staff/vouchers", () => applyPending(pantry, program));
  if (weekday === 1) refill(world, mira);
  if (weekday === 3 && week % 4 === 3) expireOld(world, mira);
  if (weekday === 1 && week === Math.floor(calendar.days / 14)) plan(world, day);
  return true;
}

async function registerSome(world: World, mira: PersonRow, registered: number): Promise<void> {
  const { pantry, chance } = world;
  for (let place = count(pantry, "participant"); place < registered; place += 1) {
    const number = atBrowser(world, mira, "/staff/participants", () =>
      registerParticipant(pantry, drawHousehold(chance, place)),
    );
    const person = readPerson(pantry, number);
    await pantry.trail.with({ actor: { type: "participant", id: number, name: person.name } }, () =>
      choosePassword(pantry, person, demoPassword),
    );
  }
}

async function shoppingHours(world: World, day: number, registered: number): Promise<void> {
  const { pantry, calendar, chance } = world;
  const customers = pantry.sql.all<{
    number: string;
    program: string;
  }>`SELECT number, program FROM participant WHERE active = 1 ORDER BY number`;
  const visits = Math.round((registered / 26) * (0.6 + chance() * 0.8));
  for (let index = 0; index < visits; index += 1) {
    if (!calendar.goTo(day, 9 + (index / visits) * 8 + chance() * 0.3)) return;
    const { number, program } = pick(chance, customers);
    const isBusy =
      pantry.sql.get<object>`SELECT 1 FROM customerOrder WHERE participant = ${number}
      AND state IN ('pending', 'confirmed', 'packing')` !== undefined;
    const isPointless =
      isBusy || !isTakingOrders(pantry, program) || readAccount(pantry, number).balances.available === 0;
    // Most know when orders are taken, what they have, and that an order of theirs is under way.
    if (isPointless && chance() < 0.96) continue;
    await visit(world, number);
    if (chance() < 0.4) await confirmPending(world, readPerson(pantry, "mira"));
  }
}

async function confirmPending(world: World, staff: PersonRow): Promise<void> {
  const { pantry, calendar, tally } = world;
  for (const { number } of ordersIn(pantry, "pending")) {
    calendar.pass(45);
    const at = calendar.now();
    const judged = await atBrowser(world, staff, "/staff/orders", () => confirmOrder(pantry, number));
    if (judged.objections.length === 0) continue;
    tally.failedConfirmations.push({ at, number });
    atBrowser(world, staff, "/staff/orders", () => cancelOrder(pantry, number, "it cannot be had any more"));
  }
}

/** What was confirmed is packed in the evening; what was packed is handed out the evening after. */
async function packOrders(world: World, jo: PersonRow): Promise<void> {
  const { pantry, calendar, chance } = world;
  for (const { number } of ordersIn(pantry, "packing")) {
    calendar.pass(50);
    atBrowser(world, jo, "/staff/orders", () => advanceOrder(pantry, number, "completed"));
  }
  await confirmPending(world, jo);
  for (const { number } of ordersIn(pantry, "confirmed")) {
    calendar.pass(90);
    if (chance() < 0.03)
      atBrowser(world, jo, "/staff/orders", () => cancelOrder(pantry, number, "the family moved away"));
    else atBrowser(world, jo, "/staff/orders", () => advanceOrder(pantry, number, "packing"));
  }
}

function expireOld(world: World, mira: PersonRow): void {
  const { pantry } = world;
  const old = new Date(pantry.now().getTime() - 80 * 86_400_000).toISOString();
  for (const { number } of vouchersIn(pantry, "applied").filter(({ createdAt }) => createdAt < old))
    atBrowser(world, mira, "/staff/vouchers", () =>
      expireVoucher(pantry, voucherCode(number), "older than eighty days"),
    );
}

function refill(world: World, mira: PersonRow): void {
  const { pantry, chance } = world;
  for (const { sku, stock } of listProducts(pantry))
    if (stock < 120)
      atBrowser(world, mira, "/staff/products", () => setStock(pantry, sku, 300 + between(chance, 0, 9) * 10));
}

/** Half-way through, the neighbourhood's program pauses for nine days. */
function plan(world: World, day: number): void {
  const { pantry, calendar } = world;
  const starts = new Date(calendar.now().getTime() + 2 * 86_400_000);
  const ends = new Date(starts.getTime() + 9 * 86_400_000);
  if (day > 0)
    atBrowser(world, readPerson(pantry, "tomas"), "/staff/programs", () =>
      planPause(pantry, "Neighbourhood", starts, ends, 150),
    );
}

/** Some mails come back, and most arrivals are reported. */
async function noticeSome(pantry: Pantry, chance: Chance): Promise<void> {
  const open = pantry.sql.all<{
    messageId: string;
  }>`SELECT messageId FROM mail WHERE status = 'sent' AND delivery = 'unknown' ORDER BY id DESC LIMIT 6`;
  for (const { messageId } of open) {
    const what = chance();
    if (what < 0.5) continue;
    await noticeDelivery(pantry, messageId, what < 0.9 ? "delivered" : what < 0.98 ? "bounced" : "complained");
  }
}

/** A mail server as they are: now and then it refuses, or is not there. */
function unreliableTransport(chance: Chance): MailTransport {
  return {
    async sendMail({ to, messageId }) {
      const what = chance();
      if (what < 0.02)
        throw Object.assign(
          new Error(`Can't send mail - all recipients were rejected: 550 5.1.1 <${to}>: no such mailbox`),
          { code: "EENVELOPE", responseCode: 550 },
        );
      if (what < 0.03) throw Object.assign(new Error("Connection timeout"), { code: "ETIMEDOUT" });
      return { messageId: messageId ?? "" };
    },
  };
}

function ordersIn({ sql }: Pantry, state: string): OrderRow[] {
  return sql.all<OrderRow>`SELECT * FROM customerOrder WHERE state = ${state} ORDER BY placedAt`;
}

function vouchersIn({ sql }: Pantry, state: string): VoucherRow[] {
  return sql.all<VoucherRow>`SELECT * FROM voucher WHERE state = ${state} ORDER BY number`;
}

function count({ database }: Pantry, table: "participant"): number {
  return (database.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number }).count;
}
