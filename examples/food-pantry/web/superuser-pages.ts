import type { Hono } from "hono";
import { html } from "hono/html";

import { deleteParticipant } from "../domain/participants.ts";
import { Refusal, type Pantry } from "../domain/pantry.ts";
import { changeAccount, listStaff, makeAccount } from "../domain/people.ts";
import { changeSettings, readSettings } from "../domain/vouchers.ts";
import { runStatement } from "../domain/statements.ts";
import { roles } from "../rules/roles.ts";
import { readForm } from "./forms.ts";
import { goOn } from "./guards.ts";
import { money, showChoice, showField, showForm, showPage, showTable } from "./layout.ts";
import { personAt, type Call, type Env, type Site } from "./site.ts";

const staffRoles = roles.filter((role) => role !== "participant");
const choices = staffRoles.map((role) => [role, role] as const);

export function addSuperuserPages(app: Hono<Env>, site: Site): void {
  const { pantry, desk } = site;
  app.get("/super/people", (c) => showPeople(c, pantry));
  app.post("/super/people", async (c) => {
    const form = await readForm(c);
    const fields = { login: form.text("login"), name: form.text("name"), email: form.text("email") };
    makeAccount(pantry, { ...fields, role: form.oneOf("role", staffRoles) });
    return goOn(c, "/super/people", "The account is made; a first password is on its way by mail.");
  });
  app.post("/super/people/:login", async (c) => {
    if (c.req.param("login") === personAt(c).login) throw new Refusal("Nobody changes their own account here.");
    const form = await readForm(c);
    changeAccount(pantry, c.req.param("login"), form.oneOf("role", staffRoles), form.isOn("active"));
    return goOn(c, "/super/people", "Saved.");
  });

  app.get("/super/settings", (c) => {
    const { adult, child, infant } = readSettings(pantry);
    const field = (label: string, name: string, cents: number) => showField(label, name, { value: money(cents) });
    const fields = html`${field("For each adult", "adult", adult)} ${field("For each child", "child", child)}
    ${field("More for each child in diapers", "infant", infant)}`;
    return showPage(c, "What a voucher is worth", showForm("/super/settings", "Save", fields));
  });
  app.post("/super/settings", async (c) => {
    const form = await readForm(c);
    changeSettings(pantry, { adult: form.money("adult"), child: form.money("child"), infant: form.money("infant") });
    return goOn(c, "/super/settings", "New vouchers are worth that.");
  });

  app.post("/super/participants/:number/delete", async (c) => {
    const form = await readForm(c);
    const number = c.req.param("number");
    deleteParticipant(pantry, number, form.text("reason"));
    if (!form.isOn("erase")) return goOn(c, "/staff/participants", `${number} is deleted.`);
    await desk.erase(`participant/${number}`, form.text("reason"), personAt(c));
    return goOn(c, "/staff/participants", `${number} is deleted, and the personal data in the logs erased.`);
  });

  app.get("/super/sql", (c) => showSql(c));
  app.post("/super/sql", async (c) => {
    const form = await readForm(c);
    const [statement, reason] = [form.text("statement"), form.text("reason")];
    return showSql(c, statement, await runStatement(pantry, statement, reason));
  });
}

function showPeople(c: Call, pantry: Pantry) {
  const rows = listStaff(pantry).map(({ login, name, email, role, active }) => [
    ...[login, name, email],
    showForm(
      `/super/people/${login}`,
      "Save",
      html`${showChoice("Role", "role", choices, role)}
        <label class="check"
          ><input type="checkbox" name="active" ${active === 1 ? html`checked` : ""} /> active</label
        >`,
      "inline",
    ),
  ]);
  const fields = html`${showField("Signs in as", "login")} ${showField("Name", "name")}
  ${showField("E-mail", "email", { type: "email" })} ${showChoice("Role", "role", choices)}`;
  return showPage(
    c,
    "People",
    html`${showTable(["Signs in as", "Name", "E-mail", ""], rows)}
      <h2>Somebody new</h2>
      ${showForm("/super/people", "Make an account", fields)}`,
  );
}

type Answer = Awaited<ReturnType<typeof runStatement>>;

function showSql(c: Call, statement = "", answer?: Answer) {
  const fields = html`<label class="field"
      ><span>Statement</span><textarea name="statement" rows="5" required>${statement}</textarea>
    </label>
    ${showField("Why", "reason")}`;
  const result =
    answer === undefined
      ? ""
      : answer.error !== undefined
        ? html`<p class="problem" role="alert">${answer.error}</p>`
        : showTable(answer.columns, answer.rows, `Done: ${answer.changes} rows.`);
  const body = html`<p class="muted">
      Every statement is recorded with its reason before you see what it did. The logs cannot be changed from here.
    </p>
    ${showForm("/super/sql", "Run it", fields)} ${result}`;
  return showPage(c, "SQL", body, answer?.error === undefined ? 200 : 422);
}
