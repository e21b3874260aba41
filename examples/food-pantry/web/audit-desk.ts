/** The pantry's own audit server: console, embedded timelines, the hand-over of staff into the console, and erasing. */

import { existsSync } from "node:fs";
import { randomBytes } from "node:crypto";

import { openErasure } from "auditrail/erasure";
import { createKeyFile, openKeyFile, openSealing, type Sealing } from "auditrail/sealing";
import { createServer, handOverLink, type AuditServer, type HandedOverRole } from "auditrail/server";

import { catalogue } from "../catalogue.ts";
import type { Pantry } from "../domain/pantry.ts";
import { actorOf } from "../domain/people.ts";
import type { PersonRow } from "../domain/rows.ts";

export interface AuditDesk {
  /** A link that signs this person in to the console, once, at a place behind its `#`. */
  linkFor(person: PersonRow, to?: string): string;
  /** A link that makes the console's first administrator, once; none when there is one. */
  setUpLink(): string | undefined;
  /** A short-lived token for one timeline. Who may see the page with it has been decided by then. */
  timelineToken(target: string): Promise<string>;
  /** Erases the personal data of a subject in the logs; the entries and their proofs stay. */
  erase(subject: string, reason: string, person: PersonRow): Promise<void>;
  readonly sealing: Sealing;
  fetch(request: Request, address: string | undefined): Promise<Response>;
  close(): Promise<void>;
}

export interface AuditDeskOptions {
  /** As browsers know the pantry: `http://127.0.0.1:7400`. */
  readonly origin: string;
  readonly secureCookies: boolean;
  readonly passwordCostLog2?: number;
  readonly report: (error: Error) => void;
}

/** Where it is mounted. */
export const auditPath = "/audit";

/** Who may read which logs, with names: staff those for staff, superusers also the restricted ones. */
const readerRoles: Readonly<Record<PersonRow["role"], readonly HandedOverRole[]>> = {
  ...{ participant: [], staff: ["staff"], superuser: ["auditor"] },
};

export function openAuditDesk(pantry: Pantry, options: AuditDeskOptions): AuditDesk {
  const { trail, store, file } = pantry;
  const { origin, secureCookies, report } = options;
  const handOverKey = randomBytes(32);
  const sealing = openSealingOf(pantry);
  const server = createServer({
    ...{ trail, store, catalogue, sealing, prefix: auditPath, console: true, secureCookies, publicOrigin: origin },
    accounts: file.replace(/(\.db)?$/, ".accounts.db"),
    handOver: { key: handOverKey, roles: ["staff", "auditor"] },
    onFailure: (error) => report(error as Error),
    ...(options.passwordCostLog2 === undefined ? {} : { passwordCostLog2: options.passwordCostLog2 }),
  });
  const linkTo = (person: { id: string; name: string }, roles: readonly HandedOverRole[], to?: string): string =>
    handOverLink({ server: origin + auditPath, key: handOverKey, person, roles, ...(to === undefined ? {} : { to }) });
  const pantryItself = () => linkTo({ id: "pantry", name: "Food pantry" }, ["staff"]);
  return {
    sealing,
    linkFor: (person, to) => linkTo({ id: String(person.id), name: person.name }, readerRoles[person.role], to),
    setUpLink: () => {
      const path = server.setUpPath();
      return path === undefined ? undefined : origin + path;
    },
    timelineToken: createTokenSource(server, origin + auditPath, pantryItself),
    fetch: (request, address) => server.fetch(request, { address }),
    async erase(subject, reason, person) {
      const erasure = await openErasure({ trail, store, checkpoint: () => sealing.checkpointNow() });
      await erasure.shred({ subject, reason, actor: actorOf(person) });
      // Of the pantry's own rows, traces can be left in pages whose rows have moved.
      pantry.database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    },
    close: async () => {
      await server.close();
      await sealing.close();
    },
  };
}

/** The key that signs this pantry's checkpoints, made at its first start; keep it where the database's readers do not come. */
function openSealingOf({ file, store, trail }: Pantry): Sealing {
  const keyFile = `${file}.keys`;
  if (!existsSync(keyFile)) createKeyFile(keyFile, { name: store.origin });
  const { keys } = openKeyFile(keyFile);
  return openSealing({ store, record: trail.record, keys, guard: `${keyFile}.guard` });
}

/**
 * Makes tokens as a person of the audit server would: the pantry hands itself over, and again when its session has ended. The
 * application decides who sees what; the token's timeline is all that can be read with it.
 */
function createTokenSource(server: AuditServer, base: string, link: () => string): AuditDesk["timelineToken"] {
  let session: Promise<Readonly<Record<string, string>>> | undefined;
  const post = (path: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Response> =>
    server.fetch(
      new Request(`${base}/api/v1/${path}`, {
        ...{ method: "POST", body: JSON.stringify(body) },
        headers: { ...headers, "content-type": "application/json" },
      }),
    );
  const signIn = async (): Promise<Readonly<Record<string, string>>> => {
    const token = new URLSearchParams(new URL(link()).hash.slice(1)).get("hand-over");
    const response = await post("hand-over", {}, { token });
    if (!response.ok) throw new Error(`The audit server does not let the pantry in: ${await response.text()}`);
    const { csrfToken } = (await response.json()) as { csrfToken: string };
    return { "x-auditrail-csrf": csrfToken, cookie: response.headers.getSetCookie()[0]!.split(";")[0]! };
  };
  return async (target) => {
    const ask = async () => post("embed-tokens", await (session ??= signIn()), { target, reveal: true });
    let response = await ask();
    if (response.status === 401) {
      session = undefined;
      response = await ask();
    }
    if (!response.ok) throw new Error(`The audit server gives no token: ${await response.text()}`);
    return ((await response.json()) as { token: string }).token;
  };
}
