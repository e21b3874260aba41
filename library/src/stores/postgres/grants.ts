/** Who may do what: the statements that give database roles their rights, and no more. */

import { AuditError, quote } from "../../base/errors.ts";
import { assertSchemaName, defaultSchema, inSchema } from "./names.ts";
import { inboxColumns } from "./put-entries.ts";

export interface GrantOptions {
  readonly schema?: string;
  /** Puts events into the inbox, and nothing else: it reads no entry and changes none. For stores with `sequence: false`. */
  readonly writer?: string;
  /** What `writer` may, and gives events their positions: what an application needs that opens a store as usual. */
  readonly sequencer?: string;
  /** Reads everything. */
  readonly reader?: string;
  /** Reads the rows of one tenant, which the database sees to. */
  readonly tenantReader?: { readonly role: string; readonly tenant: string };
  /** Carries out erasures that entries announce, reads everything, and keeps checkpoints. */
  readonly keeper?: string;
}

const readable =
  "$schema.trail, $schema.entry, $schema.target, $schema.sealed, $schema.search, $schema.tally, $schema.tally_log, $schema.tile, $schema.checkpoint, " +
  "$schema.erasure, $schema.erasure_end, $schema.hold, $schema.meta, $schema.catalogue, $schema.producer, $schema.inbox, $schema.refused";

const puts = [
  "GRANT EXECUTE ON FUNCTION $schema.put, $schema.put_one TO $role",
  `GRANT INSERT (${inboxColumns.join(", ")}) ON $schema.inbox TO $role`,
];

const rightsOf = {
  writer: [
    ...puts,
    "GRANT SELECT ON $schema.meta, $schema.catalogue, $schema.producer TO $role",
    "GRANT INSERT ON $schema.catalogue TO $role",
    "GRANT INSERT, UPDATE ON $schema.producer TO $role",
  ],
  reader: [`GRANT SELECT ON ${readable} TO $role`],
  sequencer: [
    `GRANT SELECT ON ${readable} TO $role`,
    ...puts,
    "GRANT INSERT ON $schema.entry, $schema.target, $schema.sealed, $schema.search, $schema.tile, $schema.trail, $schema.tally, $schema.tally_log, $schema.hold, $schema.refused, $schema.checkpoint, $schema.catalogue TO $role",
    "GRANT DELETE ON $schema.inbox TO $role",
    "GRANT UPDATE (number) ON $schema.inbox TO $role",
    "GRANT UPDATE ON $schema.trail, $schema.tally, $schema.tally_log TO $role",
    "GRANT UPDATE (released) ON $schema.hold TO $role",
    "GRANT INSERT, UPDATE ON $schema.producer TO $role",
  ],
  keeper: [
    `GRANT SELECT, DELETE ON $schema.entry, $schema.target, $schema.sealed, $schema.search, $schema.subject_key TO $role`,
    `GRANT SELECT ON ${readable} TO $role`,
    "GRANT INSERT ON $schema.checkpoint, $schema.erasure, $schema.erasure_end, $schema.search, $schema.subject_key TO $role",
    "GRANT UPDATE, DELETE ON $schema.tally, $schema.tally_log TO $role",
    "GRANT UPDATE (compacted_at) ON $schema.erasure_end TO $role",
    "GRANT UPDATE (recorded_at) ON $schema.trail TO $role",
  ],
} as const;

/**
 * The statements that the owner of the schema runs, in order. Roles have to be there already. Functions can be run by
 * nobody but their owner and those named here. Errors: `OPTION_INVALID`.
 *
 * @example
 * for (const statement of grantStatements({ sequencer: "shop_app", reader: "shop_auditor" })) await owner.query(statement);
 */
export function grantStatements({ schema = defaultSchema, tenantReader, ...roles }: GrantOptions): readonly string[] {
  assertSchemaName(schema);
  const statements = [
    "REVOKE ALL ON ALL TABLES IN SCHEMA $schema FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION $schema.put, $schema.put_one FROM PUBLIC",
  ];
  for (const [kind, role] of Object.entries(roles) as [keyof typeof rightsOf, string | undefined][]) {
    if (rightsOf[kind] === undefined)
      throw new AuditError("OPTION_UNKNOWN", `Cannot grant: there is no kind of role named ${quote(kind)}.`);
    if (role !== undefined) statements.push(...grant(role, rightsOf[kind]));
  }
  if (tenantReader !== undefined) {
    const { role, tenant } = tenantReader;
    statements.push(
      ...grant(role, rightsOf.reader),
      `INSERT INTO $schema.tenant_role (role, tenant) VALUES (${literal(role)}, ${literal(tenant)}) ON CONFLICT (role) DO UPDATE SET tenant = excluded.tenant`,
    );
  }
  return statements.map((statement) => inSchema(statement, schema));
}

function grant(role: string, rights: readonly string[]): readonly string[] {
  return [`GRANT USAGE ON SCHEMA $schema TO $role`, ...rights].map((right) =>
    right.replaceAll("$role", () => `"${role.replaceAll('"', '""')}"`),
  );
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
