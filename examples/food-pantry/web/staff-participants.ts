import type { Hono } from "hono";
import { html } from "hono/html";

import { readAccount } from "../domain/balance.ts";
import { ordersOf } from "../domain/orders.ts";
import {
  changeParticipant,
  findParticipants,
  readParticipant,
  registerParticipant,
  type ParticipantFields,
} from "../domain/participants.ts";
import { listPrograms } from "../domain/programs.ts";
import type { ParticipantRow } from "../domain/rows.ts";
import { createVoucher } from "../domain/vouchers.ts";
import { voucherKinds } from "../rules/balances.ts";
import { readForm, type Form } from "./forms.ts";
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
import { showBalances, showExplanation } from "./participant-pages.ts";
import { showTimeline } from "./timeline.ts";
import { personAt, type Env, type Markup, type Site } from "./site.ts";

const languages = [["en", "English"], ["es", "Español"], ["ro", "Română"], ["uk", "Українська"], ["ar", "العربية"], ["vi", "Tiếng Việt"]] as const; // prettier-ignore

export function addStaffParticipants(app: Hono<Env>, site: Site): void {
  const { pantry } = site;
  app.get("/staff/participants", (c) => {
    const text = c.req.query("q") ?? "";
    const rows = findParticipants(pantry, text).map(({ number, name, program, adults, children, active }) => [
      html`<a href="/staff/participants/${number}">${number}</a>`,
      ...[name, program, `${adults} + ${children}`, active === 1 ? "" : showState("inactive")],
    ]);
    const body = html`<form class="inline" role="search">
        <input
          type="search"
          name="q"
          value="${text}"
          aria-label="Customer number, name or address"
          placeholder="Number, name or address"
        />
        <button>Find</button> <a class="button" href="/staff/participants/new">Register somebody</a>
      </form>
      ${showTable(["Number", "Name", "Program", "Household", ""], rows, "Nobody is called that.")}`;
    return showPage(c, "Participants", body);
  });

  app.get("/staff/participants/new", (c) =>
    showPage(c, "Register a participant", showForm("/staff/participants", "Register", showFields(site))),
  );

  app.post("/staff/participants", async (c) => {
    const number = registerParticipant(pantry, fieldsOf(await readForm(c), true));
    return goOn(c, `/staff/participants/${number}`, `${number} is registered; a first password is on its way by mail.`);
  });

  app.get("/staff/participants/:number", async (c) => {
    const account = readAccount(pantry, c.req.param("number"));
    const { participant } = account;
    const { number } = participant;
    const orders = ordersOf(pantry, number).slice(0, 8);
    const body = html`${showBalances(account)}
      <h2>Why the balance is what it is</h2>
      ${showExplanation(site, account, (code) => html`<a href="/staff/vouchers/${code}">${code}</a>`)}
      ${showForm(
        `/staff/participants/${number}/vouchers`,
        "Make a voucher",
        showChoice(
          "Kind",
          "kind",
          voucherKinds.map((kind) => [kind, kind]),
        ),
        "inline",
      )}
      <h2>Orders</h2>
      ${showTable(
        ["Order", "Placed", "Total", "State"],
        orders.map((order) => [
          html`<a href="/staff/orders/${order.number}">${order.number}</a>`,
          showTime(order.placedAt, pantry.zone),
          money(order.food + order.hygiene),
          showState(order.state),
        ]),
      )}
      <h2>Household</h2>
      ${showForm(`/staff/participants/${number}`, "Save", showFields(site, participant))}
      ${await showTimeline(site, `participant/${number}`, "All that happened")}
      ${personAt(c).role === "superuser" ? showDeletion(number) : ""}`;
    return showPage(c, `${participant.name}, ${number}`, body);
  });

  app.post("/staff/participants/:number", async (c) => {
    const { number } = readParticipant(pantry, c.req.param("number"));
    const form = await readForm(c);
    changeParticipant(pantry, number, fieldsOf(form, form.isOn("active")));
    return goOn(c, `/staff/participants/${number}`, "Saved.");
  });

  app.post("/staff/participants/:number/vouchers", async (c) => {
    const number = c.req.param("number");
    const code = createVoucher(pantry, number, { kind: (await readForm(c)).oneOf("kind", voucherKinds) });
    return goOn(c, `/staff/vouchers/${code}`, `${code} is made; it can be spent once it is applied.`);
  });
}

function showFields({ pantry }: Site, participant?: ParticipantRow): Markup {
  const count = (label: string, name: "adults" | "children" | "infants", usual: number) =>
    showField(label, name, { type: "number", value: participant?.[name] ?? usual, attributes: html`min="0" max="30"` });
  return html`<div class="columns">
    ${showField("Name", "name", { value: participant?.name ?? "" })}
    ${showField("E-mail", "email", { type: "email", value: participant?.email ?? "" })} ${count("Adults", "adults", 1)}
    ${count("Children", "children", 0)} ${count("of these in diapers", "infants", 0)}
    ${showChoice("Language", "language", languages, participant?.language)}
    ${showChoice(
      "Program",
      "program",
      listPrograms(pantry).map((name) => [name, name] as const),
      participant?.program,
    )}
    ${participant === undefined ? "" : html`<label class="check"><input type="checkbox" name="active" ${participant.active === 1 ? html`checked` : ""} /> active</label>`}
  </div>`;
}

function fieldsOf(form: Form, active: boolean): ParticipantFields {
  return {
    ...{
      name: form.text("name"),
      email: form.text("email"),
      language: form.text("language"),
      program: form.text("program"),
    },
    ...{ adults: form.count("adults"), children: form.count("children"), infants: form.count("infants"), active },
  };
}

function showDeletion(number: string): Markup {
  return html`<h2>Delete</h2>
    ${showFacts([["What stays", "What was recorded about this participant, without the personal data if you say so."]])}
    ${showForm(
      `/super/participants/${number}/delete`,
      "Delete this participant",
      html`${showField("Why", "reason")}
        <label class="check"
          ><input type="checkbox" name="erase" /> erase the personal data in the logs as well</label
        >`,
      "danger",
    )}`;
}
