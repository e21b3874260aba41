/** A server on a trail in memory, with a voucher log for staff and a salary log for auditors. */

import { z } from "zod";

import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import { action } from "../../src/event/action.ts";
import { personal } from "../../src/event/marks.ts";
import { createServer } from "../../src/server/create-server.ts";
import type { Role, Scope } from "../../src/server/route.ts";
import type { AuditServer, ServerOptions } from "../../src/server/server-options.ts";
import { openMemoryStore } from "../../src/stores/memory/memory-store.ts";
import { fixedClock, type FixedClock } from "../../src/testing/fixed-clock.ts";
import { openTrail } from "../../src/trail/open-trail.ts";
import type { Trail } from "../../src/trail/types.ts";

export const catalogue = defineCatalogue(
  defineLog("voucher", {
    title: "Voucher log",
    actions: {
      applied: action({
        op: "update",
        says: "{actor} applied voucher {target}",
        data: z.object({ amount: z.string().optional(), note: personal(z.string()).optional() }).optional(),
      }),
    },
    otherActions: action({ op: "other", says: "{actor} did {action}", data: z.unknown() }),
  }),
  defineLog("salary", {
    title: "Salary log",
    readers: "restricted",
    actions: { raised: action({ op: "update", says: "{actor} raised the salary of {target}" }) },
  }),
);

/** Scrypt at its cheapest: what is tested is not how slow it is. */
export const passwordCostLog2 = 4;
export const password = "correct horse battery";

export interface TestServer extends AsyncDisposable {
  readonly server: AuditServer;
  readonly trail: Trail;
  readonly store: ReturnType<typeof openMemoryStore>;
  readonly clock: FixedClock;
  /** Failures that the server told of. */
  readonly failures: unknown[];
}

export async function openTestServer(
  options: Partial<ServerOptions> = {},
  given: { readonly maxWaiting?: number } = {},
): Promise<TestServer> {
  const clock = fixedClock();
  const store = openMemoryStore({ clock });
  const trail = (await openTrail({ catalogue, store, clock, exitHooks: false, ...given })) as unknown as Trail;
  const failures: unknown[] = [];
  const onFailure = (error: unknown): unknown => failures.push(error);
  const server = createServer({
    ...{
      trail: trail as never,
      store: store as never,
      catalogue: catalogue as never,
      accounts: ":memory:",
      clock,
      passwordCostLog2,
      onFailure,
    },
    ...options,
  });
  const close = async (): Promise<void> => {
    await server.close();
    await trail.close();
  };
  return { server, trail, store, clock, failures, [Symbol.asyncDispose]: close };
}

/** Sends a request as a browser or a program would. */
export type Send = (path: string, init?: SendInit) => Promise<Response>;

export interface SendInit {
  readonly method?: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const bareOrigin = "http://audit.test";

export function sendTo(server: Pick<AuditServer, "fetch">, prefix = "", address = "192.0.2.1"): Send {
  return (path, init) => server.fetch(requestOf(bareOrigin + prefix + path, init), { address });
}

export function requestOf(url: string, { method = "GET", json, headers = {} }: SendInit = {}): Request {
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  return new Request(url, {
    method,
    ...body,
    headers: { ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers },
  });
}

/** Somebody who has signed in: sends the cookie, and the token of the session. */
export interface SignedIn {
  readonly send: Send;
  readonly cookie: string;
  readonly csrfToken: string;
  readonly id: string;
}

export async function setUp(
  server: AuditServer,
  send: Send,
  roles: readonly Role[] = ["administrator"],
): Promise<SignedIn> {
  const token = server.setUpPath()!.split("#set-up=")[1];
  return signedIn(
    send,
    await send("/api/v1/set-up", { method: "POST", json: { token, name: "root", password, roles } }),
  );
}

export async function signIn(send: Send, name: string, given = password): Promise<SignedIn> {
  return signedIn(send, await send("/api/v1/session", { method: "POST", json: { name, password: given } }));
}

async function signedIn(send: Send, response: Response): Promise<SignedIn> {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const cookie = response.headers.get("set-cookie")!.split(";", 1)[0]!;
  const { csrfToken, person } = (await response.json()) as { csrfToken: string; person: { id: string } };
  const withSession: Send = (path, init = {}) =>
    send(path, {
      ...init,
      headers: {
        cookie,
        ...(init.method === undefined || init.method === "GET" ? {} : { "x-auditrail-csrf": csrfToken }),
        ...init.headers,
      },
    });
  return { send: withSession, cookie, csrfToken, id: person.id };
}

/** An administrator, and one person of each other role. */
export async function signInAll(server: AuditServer, send: Send) {
  const administrator = await setUp(server, send);
  const add = async (name: string, roles: readonly Role[]): Promise<SignedIn> => {
    await administrator.send("/api/v1/people", { method: "POST", json: { name, password, roles } });
    return signIn(send, name);
  };
  return {
    ...{ administrator, add },
    ...{ viewer: await add("vera", ["viewer"]), staff: await add("stella", ["staff"]) },
    auditor: await add("otto", ["auditor"]),
  };
}

export async function makeKey(administrator: SignedIn, scopes: readonly Scope[], more: object = {}): Promise<string> {
  const response = await administrator.send("/api/v1/keys", {
    method: "POST",
    json: { label: "a program", scopes, ...more },
  });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { secret: string }).secret;
}

export function withKey(send: Send, key: string): Send {
  return (path, init = {}) => send(path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
}

/** Three vouchers and a salary, by people with names. */
export async function fill(trail: Trail): Promise<void> {
  const record = trail.record as (action: string, fields: object) => Promise<unknown>;
  for (const number of [1, 2, 3]) {
    await record("voucher.applied", {
      actor: { type: "user", id: String(number), name: `Zelda ${number}`, email: `zelda${number}@example.com` },
      target: { type: "voucher", id: `V-${number}`, name: "spring" },
      data: { amount: "10.00", note: "allergic" },
      ...{
        outcome: number === 3 ? "failure" : "success",
        message: `voucher ${number} at the till`,
        operationId: `run-${number}`,
      },
    });
  }
  await record("salary.raised", { actor: { type: "user", id: "boss" }, target: { type: "user", id: "1" } });
}

export async function json<Shape = Record<string, unknown>>(response: Response): Promise<Shape> {
  return (await response.json()) as Shape;
}

export async function codeOf(response: Response): Promise<string> {
  return (await json<{ error?: { code: string } }>(response)).error?.code ?? `${response.status}`;
}
