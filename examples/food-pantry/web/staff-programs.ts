import type { Hono } from "hono";
import { html } from "hono/html";

import { listCategories, listProducts, setStock } from "../domain/products.ts";
import {
  changeWindows,
  endPause,
  formatWindow,
  listPauses,
  listPrograms,
  planPause,
  windowsOf,
} from "../domain/programs.ts";
import { Refusal } from "../domain/pantry.ts";
import type { PauseRow } from "../domain/rows.ts";
import { weekdayNames, type OrderWindow } from "../rules/order-window.ts";
import { readForm } from "./forms.ts";
import { goOn } from "./guards.ts";
import { money, showChoice, showField, showForm, showPage, showTable, showTime } from "./layout.ts";
import type { Env, Markup, Site } from "./site.ts";

export function addStaffPrograms(app: Hono<Env>, site: Site): void {
  const { pantry } = site;
  app.get("/staff/programs", (c) => {
    const body = html`${listPrograms(pantry).map((name) => showProgram(site, name))}
      <h2>Pauses</h2>
      <p class="muted">
        Planning a pause sets the two oldest live grocery vouchers of everybody in the program to count during it.
      </p>
      ${showTable(
        ["Program", "From", "Until", "Multiplier", ""],
        listPauses(pantry).map((pause) => showPause(site, pause)),
      )}
      ${showForm(
        "/staff/pauses",
        "Plan a pause",
        html`<div class="columns">
          ${showChoice(
            "Program",
            "program",
            listPrograms(pantry).map((name) => [name, name] as const),
          )}
          ${showField("From", "from", { type: "datetime-local" })}
          ${showField("Until", "until", { type: "datetime-local" })}
          ${showField("Vouchers count so many times", "multiplier", { value: "1.50" })}
        </div>`,
      )}`;
    return showPage(c, "Programs", body);
  });

  app.post("/staff/programs/:name", async (c) => {
    changeWindows(pantry, c.req.param("name"), parseWindows((await readForm(c)).text("windows")));
    return goOn(c, "/staff/programs", "Saved.");
  });
  app.post("/staff/pauses", async (c) => {
    const form = await readForm(c);
    planPause(
      pantry,
      form.oneOf("program", listPrograms(pantry)),
      form.moment("from"),
      form.moment("until"),
      form.money("multiplier"),
    );
    return goOn(c, "/staff/programs", "The pause is planned.");
  });
  app.post("/staff/pauses/:id/end", (c) => {
    endPause(pantry, Number(c.req.param("id")));
    return goOn(c, "/staff/programs", "The pause is over.");
  });

  app.get("/staff/products", (c) => {
    const kinds = new Map(listCategories(pantry).map(({ name, kind }) => [name, kind]));
    const rows = listProducts(pantry).map(({ sku, name, category, price, stock }) => [
      ...[name, category, kinds.get(category)!, money(price)],
      showForm(
        `/staff/products/${sku}`,
        "Set",
        html`<input type="number" name="stock" min="0" value="${stock}" aria-label="Stock of ${name}" />`,
        "inline",
      ),
    ]);
    return showPage(c, "Products", showTable(["Product", "Category", "Kind", "Price", "Stock"], rows));
  });
  app.post("/staff/products/:sku", async (c) => {
    setStock(pantry, c.req.param("sku"), (await readForm(c)).count("stock"));
    return goOn(c, "/staff/products", "The stock is set.");
  });
}

function showProgram({ pantry }: Site, name: string): Markup {
  const windows = windowsOf(pantry, name);
  return html`<h2>${name}</h2>
    ${showForm(
      `/staff/programs/${name}`,
      "Save",
      html`<label class="field"
        ><span>Takes orders, one window a line</span>
        <textarea name="windows" rows="${Math.max(2, windows.length)}">
${windows.map(formatWindow).join("\n")}</textarea>
      </label>`,
    )}`;
}

function showPause({ pantry }: Site, { id, program, startsAt, endsAt, multiplier }: PauseRow) {
  const isOver = endsAt <= pantry.now().toISOString();
  return [
    ...[program, showTime(startsAt, pantry.zone), showTime(endsAt, pantry.zone), `× ${money(multiplier)}`],
    isOver ? "over" : showForm(`/staff/pauses/${id}/end`, "End it", "", "danger"),
  ];
}

/** Lines such as `Tuesday 09:00–17:30`. */
function parseWindows(text: string): OrderWindow[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.map((line) => {
    const [, day = "", opens = "", closes = ""] = /^(\w+) (\d\d:\d\d) *[–-] *(\d\d:\d\d)$/.exec(line) ?? [];
    const weekday = weekdayNames.indexOf(day) + 1;
    if (weekday === 0) throw new Refusal(`"${line}" is no window such as Tuesday 09:00–17:30.`);
    return { weekday, opens, closes };
  });
}
