/** The frame of every page, and the parts that pages are made of. */

import { html } from "hono/html";

import { formatMoney, type Cents } from "../rules/money.ts";
import { hasRole } from "../rules/roles.ts";
import type { Call, Markup } from "./site.ts";

export type Content = Markup | string | number | null | undefined | false | readonly Content[];

const menus: Readonly<Record<string, readonly (readonly [path: string, title: string])[]>> = {
  participant: [
    ["/", "My balance"],
    ["/shop", "Shop"],
    ["/orders", "My orders"],
  ],
  staff: [
    ["/staff", "Today"],
    ["/staff/participants", "Participants"],
    ["/staff/orders", "Orders"],
    ["/staff/vouchers", "Vouchers"],
    ["/staff/products", "Products"],
    ["/staff/programs", "Programs"],
    ["/staff/mails", "Mail"],
  ],
  superuser: [
    ["/super/people", "People"],
    ["/super/settings", "Settings"],
    ["/super/sql", "SQL"],
  ],
};

export function showPage(c: Call, title: string, body: Content, status: 200 | 403 | 404 | 422 | 500 = 200) {
  const person = c.get("person");
  const said = c.get("said");
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title} · Food pantry</title>
          <link rel="stylesheet" href="/style.css" />
          <link rel="icon" href="/icon.svg" />
        </head>
        <body>
          <header class="top">
            <a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28" /> Food pantry</a>
            ${person === undefined ? "" : showMenu(c)}
          </header>
          <main>
            ${said === undefined ? "" : html`<p class="said" role="status">${said}</p>`}
            <h1>${title}</h1>
            ${body}
          </main>
        </body>
      </html>`,
    status,
  );
}

function showMenu(c: Call): Markup {
  const person = c.get("person")!;
  const entries =
    person.role === "participant"
      ? menus.participant!
      : [...menus.staff!, ...(person.role === "superuser" ? menus.superuser! : [])];
  const isHere = (path: string): boolean =>
    c.req.path === path || (!["/", "/staff"].includes(path) && c.req.path.startsWith(`${path}/`));
  return html`<nav aria-label="Pages">
      ${entries.map(([path, title]) => html`<a href="${path}" ${isHere(path) ? html`aria-current="page"` : ""}>${title}</a>`)}
      ${hasRole(person.role, "staff") ? html`<a href="/staff/console">Logs ↗</a>` : ""}
    </nav>
    <form method="post" action="/sign-out" class="who">
      <a href="/password">${person.name}</a> <button class="quiet">Sign out</button>
    </form>`;
}

export function showTable(
  head: readonly string[],
  rows: readonly (readonly Content[])[],
  empty = "Nothing here.",
): Markup {
  if (rows.length === 0) return html`<p class="muted">${empty}</p>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${head.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function showFacts(facts: readonly (readonly [title: string, value: Content])[]): Markup {
  return html`<dl class="facts">
    ${facts.map(
      ([title, value]) =>
        html`<div>
          <dt>${title}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

export interface FieldOptions {
  readonly type?: string;
  readonly value?: string | number;
  readonly hint?: string;
  readonly required?: boolean;
  readonly attributes?: Content;
}

export function showField(label: string, name: string, options: FieldOptions = {}): Markup {
  const { type = "text", value = "", hint, required = true, attributes = "" } = options;
  return html`<label class="field"
    ><span>${label}</span>
    <input type="${type}" name="${name}" value="${value}" ${required ? html`required` : ""} ${attributes} />
    ${hint === undefined ? "" : html`<small>${hint}</small>`}</label
  >`;
}

export function showChoice(
  label: string,
  name: string,
  choices: readonly (readonly [value: string, title: string])[],
  value?: string,
): Markup {
  return html`<label class="field"
    ><span>${label}</span>
    <select name="${name}">
      ${choices.map(([choice, title]) => html`<option value="${choice}" ${choice === value ? html`selected` : ""}>${title}</option>`)}
    </select></label
  >`;
}

export function showForm(
  action: string,
  button: string,
  fields: Content = "",
  kind: "" | "inline" | "danger" = "",
): Markup {
  return html`<form method="post" action="${action}" class="${kind === "" ? "stack" : "inline"}">
    ${fields} <button class="${kind === "danger" ? "danger" : "main"}">${button}</button>
  </form>`;
}

export function showState(state: string): Markup {
  return html`<span class="state ${state}">${state}</span>`;
}

export const money = (cents: Cents): string => formatMoney(cents);

/** A moment in the pantry's own time. */
export function showTime(iso: string | null, zone: string): Content {
  if (iso === null) return "";
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return html`<time datetime="${iso}">${format.format(new Date(iso))}</time>`;
}
