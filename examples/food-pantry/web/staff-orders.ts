import type { Hono } from "hono";
import { html } from "hono/html";

import { advanceOrder, cancelOrder, confirmOrder, linesOfOrder, readOrder } from "../domain/orders.ts";
import { readParticipant } from "../domain/participants.ts";
import type { OrderRow, VoucherRow } from "../domain/rows.ts";
import { voucherCode } from "../domain/targets.ts";
import { nextStates, orderStates, type OrderState } from "../rules/order-state.ts";
import { readForm } from "./forms.ts";
import { goOn } from "./guards.ts";
import { money, showFacts, showField, showForm, showPage, showState, showTable, showTime } from "./layout.ts";
import { showTimeline } from "./timeline.ts";
import type { Call, Env, Markup, Site } from "./site.ts";

export function addStaffOrders(app: Hono<Env>, site: Site): void {
  const { pantry } = site;
  app.get("/staff/orders", (c) => {
    const state = orderStates.find((each) => each === c.req.query("state")) ?? "pending";
    const orders = pantry.sql.all<OrderRow>`SELECT * FROM customerOrder WHERE state = ${state}
      ORDER BY placedAt DESC LIMIT 200`;
    const rows = orders.map((order) => [
      html`<a href="/staff/orders/${order.number}">${order.number}</a>`,
      html`<a href="/staff/participants/${order.participant}">${order.participant}</a>`,
      ...[showTime(order.placedAt, pantry.zone), money(order.food + order.hygiene), showState(order.state)],
    ]);
    const body = html`<p class="tabs">
        ${orderStates.map((each) => html`<a href="?state=${each}" ${each === state ? html`aria-current="page"` : ""}>${each}</a> `)}
      </p>
      <form class="inline" action="/staff/orders/find">
        <input name="number" aria-label="Order number" placeholder="ORD-…" /> <button>Open</button>
        <small class="muted">also of orders that were turned down</small>
      </form>
      ${showTable(["Order", "Participant", "Placed", "Total", "State"], rows)}`;
    return showPage(c, "Orders", body);
  });

  app.get("/staff/orders/find", (c) =>
    c.redirect(`/staff/orders/${encodeURIComponent((c.req.query("number") ?? "").trim())}`),
  );

  app.get("/staff/orders/:number", (c) => showOrder(site, c));

  app.post("/staff/orders/:number/confirmed", async (c) => {
    const number = c.req.param("number");
    const { objections } = await confirmOrder(pantry, number);
    if (objections.length === 0) return goOn(c, `/staff/orders/${number}`, "Confirmed; the participant gets a mail.");
    return showOrder(
      site,
      c,
      objections.map(({ message }) => message),
    );
  });

  for (const state of ["packing", "completed"] as const)
    app.post(`/staff/orders/:number/${state}`, (c) => {
      advanceOrder(pantry, c.req.param("number"), state);
      return goOn(c, `/staff/orders/${c.req.param("number")}`, `The order is ${state}.`);
    });

  app.post("/staff/orders/:number/cancelled", async (c) => {
    cancelOrder(pantry, c.req.param("number"), (await readForm(c)).text("reason"));
    return goOn(c, `/staff/orders/${c.req.param("number")}`, "Cancelled; vouchers and stock are back.");
  });
}

const buttons: Readonly<Record<OrderState, string>> = {
  ...{
    pending: "",
    confirmed: "Confirm",
    packing: "Begin packing",
    completed: "Handed out",
    cancelled: "Cancel the order",
  },
};

/** An order, or what is known of one that was turned down: then there is its history alone. */
async function showOrder(site: Site, c: Call, problems: readonly string[] = []) {
  const { pantry } = site;
  const number = c.req.param("number")!;
  const isThere = pantry.sql.get<object>`SELECT 1 FROM customerOrder WHERE number = ${number}` !== undefined;
  const details = isThere
    ? showDetails(site, readOrder(pantry, number))
    : html`<p class="muted">
        There is no such order now: it was turned down, or its participant was deleted. Its history:
      </p>`;
  const body = html`${
    problems.length === 0
      ? ""
      : html`<div class="problem" role="alert">
          <p>It cannot be confirmed:</p>
          <ul>
            ${problems.map((problem) => html`<li>${problem}</li>`)}
          </ul>
        </div>`
  }
  ${details} ${await showTimeline(site, `order/${number}`, "History of this order")}`;
  return showPage(c, `Order ${number}`, body, problems.length === 0 ? 200 : 422);
}

function showDetails({ pantry }: Site, order: OrderRow): Markup {
  const { number, participant, food, hygiene, state } = order;
  const vouchers = pantry.sql.all<VoucherRow>`SELECT * FROM voucher WHERE orderNumber = ${number} ORDER BY number`;
  const lines = linesOfOrder(pantry, number).map(({ quantity, product, price }) => [
    quantity,
    product,
    money(price),
    money(price * quantity),
  ]);
  return html`${showFacts([
      ["State", showState(state)],
      [
        "Participant",
        html`<a href="/staff/participants/${participant}">${readParticipant(pantry, participant).name}</a>`,
      ],
      ["Placed", showTime(order.placedAt, pantry.zone)],
      ["Food", money(food)],
      ["Hygiene", money(hygiene)],
      [
        "Paid with",
        vouchers.length === 0
          ? "nothing yet"
          : vouchers.map(
              (voucher) =>
                html`<a href="/staff/vouchers/${voucherCode(voucher.number)}">${voucherCode(voucher.number)}</a> `,
            ),
      ],
    ])}
    ${showTable(["", "Product", "Price", "Together"], lines)}
    <div class="actions">
      ${nextStates(state).map((next) =>
        next === "cancelled"
          ? showForm(`/staff/orders/${number}/cancelled`, buttons.cancelled, showField("Why", "reason"), "danger")
          : showForm(`/staff/orders/${number}/${next}`, buttons[next], "", "inline"),
      )}
    </div>`;
}
