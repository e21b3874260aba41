/** The kinds of mail that go out, which staff may word as they like. */

import { Refusal, type Pantry } from "../domain/pantry.ts";
import type { MailTypeRow } from "../domain/rows.ts";
import { renderHtml, renderSubject, renderText, variablesOf } from "../rules/mail-template.ts";

/** What each kind may say, with an example for the preview. */
export const mailVariables = {
  onboarding: {
    name: "Ana Pop",
    login: "C-BKM-7",
    temporaryPassword: "abcd-efgh-jkmn-pqrs",
    url: "https://pantry.example.org",
  },
  "password-reset": {
    name: "Ana Pop",
    login: "C-BKM-7",
    temporaryPassword: "abcd-efgh-jkmn-pqrs",
    url: "https://pantry.example.org",
  },
  "order-confirmation": {
    name: "Ana Pop",
    order: "ORD-20261126-K7QPXD",
    total: "48.20",
    url: "https://pantry.example.org",
  },
  "voucher-created": { name: "Ana Pop", voucher: "V-1042", amount: "110.00", url: "https://pantry.example.org" },
} as const;

export type MailTypeName = keyof typeof mailVariables;

export interface MailTexts {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export function isMailType(name: string): name is MailTypeName {
  return Object.hasOwn(mailVariables, name);
}

export function listMailTypes({ sql }: Pantry): MailTypeRow[] {
  return sql.all<MailTypeRow>`SELECT * FROM mailType ORDER BY name`;
}

export function readMailType({ sql }: Pantry, name: MailTypeName): MailTypeRow {
  return sql.get<MailTypeRow>`SELECT * FROM mailType WHERE name = ${name}`!;
}

export function renderMail({ subject, text, html }: MailTexts, values: Readonly<Record<string, string>>): MailTexts {
  return { subject: renderSubject(subject, values), text: renderText(text, values), html: renderHtml(html, values) };
}

export type MailTypeFields = MailTexts & { readonly displayName: string; readonly active: boolean };

/** Throws a {@link Refusal} for variables that mails of this kind do not have. */
export function changeMailType(pantry: Pantry, name: MailTypeName, fields: MailTypeFields): void {
  assertTexts(name, fields);
  pantry.transaction((record) => {
    const { displayName, subject, text, html, active } = fields;
    const before = stateOf(readMailType(pantry, name));
    pantry.sql
      .run`UPDATE mailType SET displayName = ${displayName}, subject = ${subject}, text = ${text}, html = ${html},
      active = ${Number(active)} WHERE name = ${name}`;
    record("pantry.mail-type-changed", {
      target: { type: "mail-type", id: name },
      before,
      after: stateOf(readMailType(pantry, name)),
    });
  });
}

export function assertTexts(name: MailTypeName, { subject, text, html }: MailTexts): void {
  const known = Object.keys(mailVariables[name]);
  const unknown = variablesOf(`${subject} ${text} ${html}`).filter((variable) => !known.includes(variable));
  if (unknown.length > 0)
    throw new Refusal(
      `Mails of this kind have no ${unknown.map((each) => `{{${each}}}`).join(", ")}; they have ${known.map((each) => `{{${each}}}`).join(", ")}.`,
    );
  if (variablesOf(subject).includes("temporaryPassword"))
    throw new Refusal("Subjects are kept in the mail log: {{temporaryPassword}} stays out of them.");
}

function stateOf({ displayName, subject, text, html, active }: MailTypeRow) {
  return { displayName, subject, text, html, active: active === 1 };
}
