import type { Hono } from "hono";
import { html } from "hono/html";

import { explainVoucher, readAccount, type Account } from "../domain/balance.ts";
import { cancelOrder, linesOfOrder, ordersOf, placeOrder, readOrder } from "../domain/orders.ts";
import { Refusal } from "../domain/pantry.ts";
import { linesOf, listCategories, listProducts, readCart, saveCart, type CartItem } from "../domain/products.ts";
import { formatWindow, windowsOf } from "../domain/programs.ts";
import { voucherCode } from "../domain/targets.ts";
import { valueOf } from "../rules/balances.ts";
import { mayFollow } from "../rules/order-state.ts";
import { totalsOf, type Category, type Objection } from "../rules/validate-order.ts";
import { readForm, type Form } from "./forms.ts";
import { goOn } from "./guards.ts";
import { money, showFacts, showForm, showPage, showState, showTable, showTime } from "./layout.ts";
import { participantAt, type Call, type Env, type Markup, type Site } from "./site.ts";

export function addParticipantPages(app: Hono<Env>, site: Site): void {
  const { pantry } = site;
  app.get("/", (c) => {
    const account = readAccount(pantry, participantAt(c));
    const body = html`${showBalances(account)}
      <h2>Why it is what it is</h2>
      ${showExplanation(site, account)}
      <h2>When you can order</h2>
      <p>${windowsOf(pantry, account.participant.program).map(formatWindow).join(" · ")}</p>`;
    return showPage(c, `Hello ${account.participant.name}`, body);
  });

  app.get("/shop", (c) => showShop(site, c, []));

  app.post("/shop/cart", async (c) => {
    saveCart(pantry, participantAt(c), cartOf(await readForm(c)));
    return goOn(c, "/shop", "Your cart is kept.");
  });

  app.post("/shop/order", async (c) => {
    const cart = cartOf(await readForm(c));
    saveCart(pantry, participantAt(c), cart);
    const { number, objections } = await placeOrder(pantry, participantAt(c), cart);
    if (objections.length > 0) return showShop(site, c, objections);
    return goOn(c, `/orders/${number}`, "Your order is in. We will write to you when it is confirmed.");
  });

  app.get("/orders", (c) => {
    const rows = ordersOf(pantry, participantAt(c)).map((order) => [
      html`<a href="/orders/${order.number}">${order.number}</a>`,
      showTime(order.placedAt, pantry.zone),
      money(order.food + order.hygiene),
      showState(order.state),
    ]);
    return showPage(
      c,
      "My orders",
      showTable(["Order", "Placed", "Total", "State"], rows, "You have not ordered anything yet."),
    );
  });

  app.get("/orders/:number", (c) => {
    const order = ownOrder(site, c);
    const lines = linesOfOrder(pantry, order.number).map(({ product, quantity, price }) => [
      quantity,
      product,
      money(price * quantity),
    ]);
    const body = html`${showFacts([
      ["State", showState(order.state)],
      ["Placed", showTime(order.placedAt, pantry.zone)],
      ["Total", money(order.food + order.hygiene)],
    ])}
    ${showTable(["", "Product", "Price"], lines)}
    ${mayFollow(order.state, "cancelled") ? showForm(`/orders/${order.number}/cancel`, "Cancel this order", "", "danger") : ""}`;
    return showPage(c, `Order ${order.number}`, body);
  });

  app.post("/orders/:number/cancel", (c) => {
    const order = ownOrder(site, c);
    cancelOrder(pantry, order.number, "cancelled by the participant");
    return goOn(c, `/orders/${order.number}`, "The order is cancelled.");
  });
}

/** Another participant's order is none. */
function ownOrder({ pantry }: Site, c: Call) {
  const order = readOrder(pantry, c.req.param("number")!);
  if (order.participant !== participantAt(c)) throw new Refusal(`There is no order ${order.number}.`);
  return order;
}

export function showBalances({ balances }: Account): Markup {
  return html`<div class="cards">
    ${[
      ["Available now", balances.available],
      ["Hygiene", balances.hygiene],
      ["Fresh food, each order", balances.fresh],
      ["Full balance", balances.full],
    ].map(
      ([title, amount]) =>
        html`<div class="card"><span>${title}</span><strong>${money(amount as number)}</strong></div>`,
    )}
  </div>`;
}

/** The participant's vouchers, each with what it comes to and why it counts or does not. */
export function showExplanation(
  { pantry }: Site,
  account: Account,
  link = (code: string): Markup | string => code,
): Markup {
  const { pause } = account;
  const rows = account.vouchers
    .toReversed()
    .map((voucher) => [
      link(voucherCode(voucher.number)),
      voucher.kind,
      showState(voucher.state),
      money(voucher.amount),
      voucher.multiplier === 100 ? "" : `× ${money(voucher.multiplier)}`,
      money(valueOf(voucher)),
      explainVoucher(account, voucher),
    ]);
  return html`<p class="muted">
      The two oldest applied grocery vouchers are available; hygiene is a third of that, rounded up.
      ${pause === undefined ? "" : html`Until ${showTime(pause.endsAt, pantry.zone)} the program pauses, and only vouchers made for the pause count.`}
    </p>
    ${showTable(["Voucher", "Kind", "State", "Amount", "", "Worth", "In the balance"], rows, "There are no vouchers yet.")}`;
}

function showShop(site: Site, c: Call, objections: readonly Objection[]) {
  const { pantry } = site;
  const account = readAccount(pantry, participantAt(c));
  const cart = readCart(pantry, participantAt(c));
  const totals = totalsOf(linesOf(pantry, cart));
  const body = html`${showBalances(account)}
    ${
      objections.length === 0
        ? ""
        : html`<div class="problem" role="alert">
            <p>This order cannot be placed:</p>
            <ul>
              ${objections.map(({ message }) => html`<li>${message}</li>`)}
            </ul>
          </div>`
    }
    <form method="post" action="/shop/cart" class="shop">
      ${listCategories(pantry).map((category) => showShelf(site, category, cart))}
      <p class="totals">
        In the cart: food <strong>${money(totals.food)}</strong> (fresh <strong>${money(totals.fresh)}</strong>),
        hygiene
        <strong>${money(totals.hygiene)}</strong>
      </p>
      <p class="actions">
        <button class="main" formaction="/shop/order">Place the order</button> <button>Keep the cart</button>
      </p>
    </form>`;
  return showPage(c, "Shop", body, objections.length === 0 ? 200 : 422);
}

function showShelf({ pantry }: Site, category: Category, cart: readonly CartItem[]): Markup {
  const quantities = new Map(cart.map(({ sku, quantity }) => [sku, quantity]));
  const { name, limitQuantity, limitPer } = category;
  return html`<fieldset>
    <legend>
      ${name} ${limitQuantity === null ? "" : html`<small>at most ${limitQuantity} per ${limitPer}</small>`}
    </legend>
    ${listProducts(pantry)
      .filter((product) => product.category === name)
      .map(
        (product) =>
          html`<label class="product"
            ><span>${product.name}</span><span class="price">${money(product.price)}</span>
            <input
              type="number"
              name="sku:${product.sku}"
              min="0"
              max="99"
              value="${quantities.get(product.sku) ?? 0}"
            />
          </label>`,
      )}
  </fieldset>`;
}

function cartOf(form: Form): CartItem[] {
  return form.names
    .filter((name) => name.startsWith("sku:"))
    .map((name) => ({ sku: name.slice("sku:".length), quantity: form.count(name) }))
    .filter(({ quantity }) => quantity > 0);
}
