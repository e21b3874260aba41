/** People, sessions, keys, saved searches and embed tokens: what is sent, and what is answered. */

import { z } from "zod";

import { roles, scopes } from "../route.ts";

const instant = z.string().describe("RFC 3339 in UTC.");
const printable = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u;

export const personName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(printable, "expected text without control characters")
  .describe("What they sign in with: a name or an e-mail address. Upper and lower case are one.");
export const password = z.string().min(12).max(1024).describe("At least 12 characters.");
const roleList = z.array(z.enum(roles)).min(1).max(roles.length).describe("What the person may do.");
const tenantList = z
  .array(z.string().min(1).max(200))
  .nullable()
  .describe("The tenants whose trails may be read; null for all.");

export const person = z
  .object({
    id: z.string(),
    name: z.string(),
    roles: z.array(z.enum(roles)),
    tenants: tenantList,
    disabled: z.boolean(),
    handedOver: z.boolean().describe("Whether an application signs them in; they have no password."),
    createdAt: instant,
    lastSignInAt: instant.nullable(),
  })
  .meta({ id: "Person" });

export const signIn = z.strictObject({ name: z.string().max(200), password: z.string().max(1024) });

export const session = z.object({
  person: person.nullable().describe("Null when nobody is signed in."),
  csrfToken: z
    .string()
    .nullable()
    .describe("To be sent as the header X-Auditrail-Csrf with every request that is no GET."),
  setUpNeeded: z.boolean().describe("True until the first person was made by the one-time link."),
});

export const handOver = z.strictObject({
  token: z.string().max(8192).describe("From the link that the application made."),
});

export const setUp = z.strictObject({
  token: z.string().max(200).describe("From the link that was printed on the terminal."),
  name: personName,
  password,
  roles: roleList
    .optional()
    .describe("Must hold `administrator`; only that unless said. Add `staff` or `auditor` to read personal data."),
});

export const ownPassword = z.strictObject({ current: z.string().max(1024), next: password });

export const people = z.object({ people: z.array(person) });

export const newPerson = z.strictObject({
  name: personName,
  password,
  roles: roleList,
  tenants: tenantList.optional(),
});

export const personChange = z.strictObject({
  roles: roleList.optional(),
  tenants: tenantList.optional(),
  disabled: z.boolean().optional(),
  password: password.optional().describe("A new one; ends all sessions of the person."),
});

export const key = z
  .object({
    id: z.string(),
    label: z.string(),
    scopes: z.array(z.enum(scopes)),
    tenants: tenantList,
    createdAt: instant,
    createdBy: z.string().describe("The id of the person who made it."),
    expiresAt: instant.nullable(),
    revokedAt: instant.nullable(),
    lastUsedAt: instant.nullable().describe("To the minute."),
  })
  .meta({ id: "Key" });

export const keys = z.object({ keys: z.array(key) });

export const newKey = z.strictObject({
  label: z.string().trim().min(1).max(100).regex(printable),
  scopes: z.array(z.enum(scopes)).min(1),
  tenants: tenantList.optional(),
  expiresInDays: z.number().positive().max(3660).optional(),
});

export const createdKey = z.object({
  key,
  secret: z.string().describe("To be sent as `Authorization: Bearer …`. Shown this once; only its hash is kept."),
});

const search = {
  name: z.string().trim().min(1).max(100).regex(printable),
  query: z.string().max(4096),
  /** Whatever the console needs to show it again: columns, order, zone. */
  view: z
    .record(
      z.string().max(64),
      z.union([z.string().max(2048), z.number(), z.boolean(), z.array(z.string().max(256)).max(64)]),
    )
    .optional(),
};

export const newSearch = z.strictObject(search);
export const savedSearch = z.object({ id: z.string(), ...search, createdAt: instant }).meta({ id: "SavedSearch" });
export const savedSearches = z.object({ searches: z.array(savedSearch) });

export const newEmbedToken = z.strictObject({
  tenant: z.string().min(1).max(200).optional(),
  actor: z.string().max(1024).optional().describe("`type/id`. Exactly one of actor, target and operation."),
  target: z.string().max(1024).optional().describe("`type/id`."),
  operation: z.string().max(1024).optional(),
  reveal: z
    .boolean()
    .optional()
    .describe("Whether it shows personal data, such as names; only by who may see it. Restricted logs it never shows."),
  expiresInSeconds: z.int().min(10).max(86_400).optional().describe("300 unless said."),
});

export const embedToken = z.object({
  token: z.string().describe("To be sent as `Authorization: Bearer …`."),
  expiresAt: instant,
  path: z.string().describe("Of the timeline, with the server's prefix."),
  framePath: z.string().describe("Of a page that shows it, for an iframe; served where the server has the console."),
});

export const place = (name: string) => z.strictObject({ [name]: z.string().min(1).max(100) });
