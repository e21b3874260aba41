/** What participants do: sign in, fill a cart, place an order, mend it where it is turned down, and sometimes change their mind. */

import { readAccount } from "../domain/balance.ts";
import { cancelOrder, placeOrder, type Judged } from "../domain/orders.ts";
import type { Pantry } from "../domain/pantry.ts";
import { actorOf, readPerson, signIn, signOut } from "../domain/people.ts";
import { listCategories, listProducts, type CartItem } from "../domain/products.ts";
import type { PersonRow } from "../domain/rows.ts";
import { householdSize } from "../rules/balances.ts";
import { sum } from "../rules/money.ts";
import { totalsOf, type CartLine, type Category } from "../rules/validate-order.ts";
import type { Calendar } from "./calendar.ts";
import { between, pick, type Chance } from "./chance.ts";
import type { Tally } from "./tally.ts";

export interface World {
  readonly pantry: Pantry;
  readonly calendar: Calendar;
  readonly chance: Chance;
  readonly tally: Tally;
}

export const demoPassword = "bread-and-roses";

const agents = [
  "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Mobile Safari/604.1",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
];

/** Does something as a person at a browser; each time is one operation with an id of its own. */
export function atBrowser<Result>(
  { pantry, chance }: World,
  person: PersonRow,
  route: string,
  work: () => Result,
): Result {
  const ip = `198.51.100.${between(chance, 1, 250)}`;
  const context = { source: "http" as const, ip, userAgent: pick(chance, agents), route };
  return pantry.trail.with({ actor: actorOf(person), context, operationId: crypto.randomUUID() }, work);
}

export async function visit(world: World, customer: string): Promise<void> {
  const { pantry, calendar, chance } = world;
  const person = readPerson(pantry, customer);
  if (chance() < 0.06) await signInWrongly(world, person);
  const session = await atBrowser(world, person, "/sign-in", () => signIn(pantry, customer, demoPassword));
  if (session === undefined) return;
  calendar.pass(between(chance, 40, 400));
  const judged = await atBrowser(world, person, "/shop", () => order(world, customer, chance() < 0.12));
  if (judged.objections.length > 0 && chance() < 0.8) {
    calendar.pass(between(chance, 30, 200));
    await atBrowser(world, person, "/shop", () => order(world, customer, false));
  } else if (judged.objections.length === 0 && chance() < 0.04) {
    calendar.pass(between(chance, 60, 900));
    atBrowser(world, person, "/orders", () => cancelOrder(pantry, judged.number, "we will be away"));
  }
  if (chance() < 0.5) await atBrowser(world, person, "/sign-out", () => signOut(pantry, person, session.token));
}

async function signInWrongly(world: World, person: PersonRow): Promise<void> {
  const { pantry, calendar, tally } = world;
  const login = world.chance() < 0.5 ? person.login : person.name;
  tally.failedSignIns.push({ at: calendar.now(), login });
  await pantry.trail.with({ context: { source: "http", ip: "198.51.100.77", route: "/sign-in" } }, () =>
    signIn(pantry, login, "not the password"),
  );
  calendar.pass(8);
}

async function order(world: World, customer: string, isGreedy: boolean): Promise<Judged> {
  const { pantry, calendar, tally } = world;
  const cart = fillCart(world, customer, isGreedy);
  const at = calendar.now();
  const judged = await placeOrder(pantry, customer, cart);
  tally.orders.push({
    at,
    participant: customer,
    number: judged.number,
    rules: judged.objections.map(({ rule }) => rule),
  });
  return judged;
}

/** Within the balances and limits, or, of the greedy, well beyond. */
function fillCart({ pantry, chance }: World, customer: string, isGreedy: boolean): CartItem[] {
  const { balances, participant } = readAccount(pantry, customer);
  const categories = new Map(listCategories(pantry).map((category) => [category.name, category]));
  const products = listProducts(pantry).filter(({ stock }) => stock > 5);
  const cart = new Map<string, CartLine>();
  for (let tries = 0; tries < 40; tries += 1) {
    const { sku, name, price, stock, category: of } = pick(chance, products);
    const category = categories.get(of)!;
    const before = cart.get(sku);
    const quantity = (before?.quantity ?? 0) + (isGreedy ? between(chance, 1, 3) : 1);
    cart.set(sku, { sku, product: name, category, price, stock, quantity });
    const lines = [...cart.values()];
    const { food, hygiene, fresh } = totalsOf(lines);
    const inCategory = sum(lines.filter((line) => line.category === category).map((line) => line.quantity));
    const isWithinLimit = inCategory <= cautious(category, householdSize(participant), participant.adults);
    const isPaid = food <= balances.available && hygiene <= balances.hygiene && fresh <= balances.fresh;
    if (isGreedy || (isPaid && isWithinLimit)) continue;
    if (before === undefined) cart.delete(sku);
    else cart.set(sku, before);
  }
  return [...cart.values()].map(({ sku, quantity }) => ({ sku, quantity }));
}

function cautious({ limitQuantity, limitPer }: Category, size: number, adults: number): number {
  if (limitQuantity === null) return Infinity;
  if (limitPer === "infant") return 0;
  return limitQuantity * (limitPer === "household" ? size : limitPer === "adult" ? adults : 1);
}
