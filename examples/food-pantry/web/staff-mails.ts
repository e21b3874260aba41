import type { Hono } from "hono";
import { html } from "hono/html";

import { Refusal } from "../domain/pantry.ts";
import type { MailRow, MailTypeRow } from "../domain/rows.ts";
import {
  assertTexts,
  changeMailType,
  isMailType,
  listMailTypes,
  mailVariables,
  readMailType,
  renderMail,
  type MailTypeName,
} from "../mail/mail-types.ts";
import { readForm, type Form } from "./forms.ts";
import { goOn } from "./guards.ts";
import { showField, showPage, showState, showTable, showTime } from "./layout.ts";
import type { Call, Env, Markup, Site } from "./site.ts";

export function addStaffMails(app: Hono<Env>, { pantry }: Site): void {
  app.get("/staff/mails", (c) => {
    const types = listMailTypes(pantry).map(({ name, displayName, subject, active }) => [
      html`<a href="/staff/mails/${name}">${displayName}</a>`,
      ...[subject, active === 1 ? "" : showState("off")],
    ]);
    const mails = pantry.sql.all<MailRow>`SELECT * FROM mail ORDER BY id DESC LIMIT 100`;
    const rows = mails.map((mail) => [
      showTime(mail.finishedAt ?? mail.queuedAt, pantry.zone),
      ...[
        mail.type,
        mail.recipient,
        mail.subject ?? "",
        showState(mail.status),
        mail.delivery === "unknown" ? "" : mail.delivery,
        mail.error ?? "",
      ],
    ]);
    const body = html`<h2>What our mails say</h2>
      ${showTable(["Kind", "Subject", ""], types)}
      <h2>The last hundred</h2>
      ${showTable(["Time", "Kind", "To", "Subject", "", "Delivery", "Error"], rows)}`;
    return showPage(c, "Mail", body);
  });

  app.get("/staff/mails/:name", (c) => {
    const name = typeAt(c);
    return showType(c, name, readMailType(pantry, name));
  });

  /** One button shows what a mail would look like, the other keeps it. */
  app.post("/staff/mails/:name", async (c) => {
    const name = typeAt(c);
    const fields = fieldsOf(await readForm(c));
    assertTexts(name, fields);
    if (c.req.query("preview") !== undefined)
      return showType(c, name, { name, ...fields, active: fields.active ? 1 : 0 }, true);
    changeMailType(pantry, name, fields);
    return goOn(c, `/staff/mails/${name}`, "Saved.");
  });
}

function typeAt(c: Call): MailTypeName {
  const name = c.req.param("name")!;
  if (isMailType(name)) return name;
  throw new Refusal(`There is no mail ${name}.`);
}

function fieldsOf(form: Form) {
  return {
    ...{
      displayName: form.text("displayName"),
      subject: form.text("subject"),
      text: form.text("text"),
      html: form.text("html"),
    },
    active: form.isOn("active"),
  };
}

function showType(c: Call, name: MailTypeName, type: MailTypeRow, isPreview = false) {
  const area = (label: string, field: "text" | "html"): Markup =>
    html`<label class="field"
      ><span>${label}</span><textarea name="${field}" rows="10" required>${type[field]}</textarea>
    </label>`;
  const mail = renderMail(type, mailVariables[name]);
  const body = html`<form method="post" action="/staff/mails/${name}" class="stack">
      ${showField("Name", "displayName", { value: type.displayName })}
      ${showField("Subject", "subject", { value: type.subject })} ${area("Text", "text")} ${area("HTML", "html")}
      <p class="muted">
        Variables: ${Object.keys(mailVariables[name]).map((variable) => html`<code>{{${variable}}}</code> `)}
      </p>
      <label class="check"
        ><input type="checkbox" name="active" ${type.active === 1 ? html`checked` : ""} /> is sent</label
      >
      <p class="actions">
        <button formaction="/staff/mails/${name}?preview">Preview</button> <button class="main">Save</button>
      </p>
    </form>
    <h2>${isPreview ? "Preview, not saved yet" : "As it is sent"}</h2>
    <article class="mail">
      <h3>${mail.subject}</h3>
      <iframe title="The mail as HTML" sandbox="" srcdoc="${mail.html}"></iframe>
      <pre>${mail.text}</pre>
    </article>`;
  return showPage(c, `Mail: ${type.displayName}`, body);
}
