import type { Hono } from "hono";
import { html } from "hono/html";

import { readAccount, explainVoucher } from "../domain/balance.ts";
import { carryOutBulk, planBulk, type BulkPlan } from "../domain/bulk-vouchers.ts";
import { listPrograms } from "../domain/programs.ts";
import type { VoucherRow } from "../domain/rows.ts";
import { voucherCode } from "../domain/targets.ts";
import { applyPending, applyVoucher, expireVoucher, handOutVoucher, requireVoucher } from "../domain/vouchers.ts";
import { valueOf, voucherKinds, voucherStates } from "../rules/balances.ts";
import { voucherMayBecome } from "../rules/order-state.ts";
import { readForm } from "./forms.ts";
import { goOn } from "./guards.ts";
import {
  money,
  showChoice,
  showFacts,
  showField,
  showForm,
  showPage,
  showState,
  showTable,
  showTime,
} from "./layout.ts";
import { showTimeline } from "./timeline.ts";
import type { Call, Env, Markup, Site } from "./site.ts";

export function addStaffVouchers(app: Hono<Env>, site: Site): void {
  const { pantry } = site;
  app.get("/staff/vouchers", (c) => {
    const state = voucherStates.find((each) => each === c.req.query("state")) ?? "pending";
    const rows = vouchersIn(site, state).map((voucher) => [
      linkTo(voucher),
      html`<a href="/staff/participants/${voucher.participant}">${voucher.participant}</a>`,
      ...[voucher.kind, money(valueOf(voucher)), showTime(voucher.createdAt, pantry.zone), showState(voucher.state)],
    ]);
    const programs = listPrograms(pantry).map((name) => [name, name] as const);
    const body = html`<p class="tabs">
        ${voucherStates.map((each) => html`<a href="?state=${each}" ${each === state ? html`aria-current="page"` : ""}>${each}</a> `)}
        <a class="button" href="/staff/vouchers/bulk">Make many</a>
      </p>
      ${state === "pending" ? showForm("/staff/vouchers/apply-pending", "Apply all pending", showChoice("Program", "program", programs), "inline") : ""}
      ${showTable(["Voucher", "Participant", "Kind", "Worth", "Made", "State"], rows)}`;
    return showPage(c, "Vouchers", body);
  });

  app.post("/staff/vouchers/apply-pending", async (c) => {
    const count = applyPending(pantry, (await readForm(c)).oneOf("program", listPrograms(pantry)));
    return goOn(c, "/staff/vouchers?state=applied", `${count} vouchers can be spent now.`);
  });

  addBulkPages(app, site);

  app.get("/staff/vouchers/:code", (c) => showVoucher(site, c));
  app.post("/staff/vouchers/:code/apply", (c) => {
    applyVoucher(pantry, c.req.param("code"));
    return goOn(c, `/staff/vouchers/${c.req.param("code")}`, "It can be spent now.");
  });
  app.post("/staff/vouchers/:code/hand-out", (c) => {
    handOutVoucher(pantry, c.req.param("code"));
    return goOn(c, `/staff/vouchers/${c.req.param("code")}`, "Handed out.");
  });
  app.post("/staff/vouchers/:code/expire", async (c) => {
    expireVoucher(pantry, c.req.param("code"), (await readForm(c)).text("reason"));
    return goOn(c, `/staff/vouchers/${c.req.param("code")}`, "It has expired.");
  });
}

function addBulkPages(app: Hono<Env>, site: Site): void {
  const { pantry } = site;
  app.get("/staff/vouchers/bulk", (c) => {
    const programs = listPrograms(pantry);
    const program = programs.find((name) => name === c.req.query("program"));
    const kind = voucherKinds.find((each) => each === c.req.query("kind")) ?? "grocery";
    const form = html`<form class="inline">
      ${showChoice(
        "Program",
        "program",
        programs.map((name) => [name, name] as const),
        program,
      )}
      ${showChoice(
        "Kind",
        "kind",
        voucherKinds.map((each) => [each, each] as const),
        kind,
      )}
      <button>Preview</button>
    </form>`;
    return showPage(
      c,
      "Make vouchers for a program",
      html`${form} ${program === undefined ? "" : showPlan(planBulk(pantry, program, kind))}`,
    );
  });

  app.post("/staff/vouchers/bulk", async (c) => {
    const form = await readForm(c);
    const program = form.oneOf("program", listPrograms(pantry));
    const { makes, skips } = carryOutBulk(pantry, program, form.oneOf("kind", voucherKinds), form.text("fingerprint"));
    return goOn(c, "/staff/vouchers", `${makes.length} vouchers are made, ${skips.length} participants were skipped.`);
  });
}

function showPlan({ program, kind, makes, skips, total, fingerprint }: BulkPlan): Markup {
  const hidden = Object.entries({ program, kind, fingerprint }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return html`${showFacts([
      ["Vouchers", makes.length],
      ["Together", money(total)],
      ["Skipped", skips.length],
    ])}
    ${makes.length === 0 ? "" : showForm("/staff/vouchers/bulk", `Make these ${makes.length} vouchers`, hidden)}
    <h2>Skipped</h2>
    ${showTable(
      ["Participant", "Name", "Why"],
      skips.map(({ participant, reason }) => [participant.number, participant.name, reason]),
      "Nobody.",
    )}
    <h2>Made</h2>
    ${showTable(
      ["Participant", "Name", "Amount"],
      makes.map(({ participant, amount }) => [participant.number, participant.name, money(amount)]),
    )}`;
}

async function showVoucher(site: Site, c: Call) {
  const { pantry } = site;
  const voucher = requireVoucher(pantry, c.req.param("code")!);
  const code = voucherCode(voucher.number);
  const account = readAccount(pantry, voucher.participant);
  const act = (to: string, button: string, fields: Markup | "" = "", kind: "inline" | "danger" = "inline") =>
    showForm(`/staff/vouchers/${code}/${to}`, button, fields, kind);
  const body = html`${showFacts([
      ["State", showState(voucher.state)],
      ["Participant", html`<a href="/staff/participants/${voucher.participant}">${account.participant.name}</a>`],
      [
        "Worth",
        `${money(valueOf(voucher))}${voucher.multiplier === 100 ? "" : ` (${money(voucher.amount)} × ${money(voucher.multiplier)})`}`,
      ],
      ["In the balance", explainVoucher(account, voucher)],
      [
        "Order",
        voucher.orderNumber === null
          ? "none"
          : html`<a href="/staff/orders/${voucher.orderNumber}">${voucher.orderNumber}</a>`,
      ],
    ])}
    <div class="actions">
      ${voucherMayBecome(voucher.state, "applied") ? act("apply", "Apply") : ""}
      ${voucher.kind === "life" && voucherMayBecome(voucher.state, "consumed") ? act("hand-out", "Hand out") : ""}
      ${voucherMayBecome(voucher.state, "expired") ? act("expire", "Let it expire", showField("Why", "reason"), "danger") : ""}
    </div>
    ${await showTimeline(site, `voucher/${code}`, "History of this voucher")}`;
  return showPage(c, `Voucher ${code}`, body);
}

function vouchersIn({ pantry }: Site, state: string): VoucherRow[] {
  return pantry.sql.all<VoucherRow>`SELECT * FROM voucher WHERE state = ${state} ORDER BY number DESC LIMIT 200`;
}

function linkTo({ number }: VoucherRow): Markup {
  return html`<a href="/staff/vouchers/${voucherCode(number)}">${voucherCode(number)}</a>`;
}
