/** The application that every captured framework serves in the contract, and how it is called. */

import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";

import { expect, vi } from "vitest";
import { z } from "zod";

import type { AuditedRequest } from "../../src/capture/audit-request.ts";
import { requestLog } from "../../src/capture/request-log.ts";
import type { RequestOptions } from "../../src/capture/request-options.ts";
import { action } from "../../src/event/action.ts";
import { defineCatalogue, defineLog } from "../../src/event/catalogue.ts";
import type { Entry } from "../../src/event/entry.ts";
import type { Actor } from "../../src/event/event.ts";
import type { InventoryItem } from "../../src/event/inventory.ts";
import type { Trail } from "../../src/trail/types.ts";

export const catalogue = defineCatalogue(
  requestLog({ data: { note: z.string().optional() } }),
  defineLog("order", {
    title: "Orders",
    actions: {
      placed: action({ op: "create", says: "{actor} placed {target}", data: z.object({ items: z.int() }).optional() }),
    },
  }),
);

export type ShopTrail = Trail<NonNullable<typeof catalogue.actions>>;

/** What a handler of a framework gives the shop: its request's audit, params and body. */
export interface Served {
  readonly audited: AuditedRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * The routes that each framework serves, in its own way:
 *
 * - a sign-in middleware after the capture, which takes `x-user` for the name of who is signed in, and is slow about it
 * - POST /orders/:id records `order.placed` and answers 201; POST /orders the same after reading a JSON body
 * - GET /orders/:id answers 200
 * - GET and POST /private are refused: 401 for nobody, 403 for anybody
 * - POST /broken throws, POST /invalid throws what is answered with 422
 * - GET /stream sends two chunks with a pause; GET /endless one, and never ends; POST /silent never answers
 * - POST /shops/:shop/vouchers/:id stands in a mounted router, and records
 * - GET /health, GET /vouchers/:id, which records that it was read
 */
export type StartShop = (shop: Shop) => Promise<RunningShop>;

export interface Shop {
  readonly trail: ShopTrail;
  readonly options: Omit<RequestOptions<unknown>, "actor">;
  /** With an `actor` option that throws. */
  readonly brokenActor?: boolean;
  place(served: Served): Promise<void>;
}

export interface RunningShop {
  readonly origin: string;
  readonly inventory: () => readonly InventoryItem[];
  /** Of the capture. */
  closeCapture(): Promise<void>;
  close(): Promise<void>;
}

export const userOf = (name: string | undefined): Actor | undefined =>
  name === undefined ? undefined : { type: "user", id: name };

export function placeIn(trail: ShopTrail): Shop["place"] {
  return async ({ params, body }) => {
    await trail.record("order.placed", {
      target: { type: "order", id: params["id"] ?? "new" },
      data: body as { items: number } | undefined,
    });
  };
}

export const originOf = (address: AddressInfo | string | null): string =>
  `http://127.0.0.1:${(address as AddressInfo).port}`;

/** Requests are recorded when their answers are out, so a test has to wait for what it expects. */
export async function waitForEntries(trail: ShopTrail, query: string, count: number): Promise<readonly Entry[]> {
  return vi.waitFor(
    async () => {
      const { entries } = await trail.query(query, { order: { by: "seq", direction: "oldest" } });
      expect(entries.length).toBeGreaterThanOrEqual(count);
      return entries;
    },
    { timeout: 10_000, interval: 10 },
  );
}

export interface Asked {
  readonly method?: string;
  readonly user?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export function ask(url: string, { method = "POST", user, headers = {}, body }: Asked = {}): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      ...headers,
      ...(user === undefined ? {} : { "x-user": user }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Asks, and leaves as soon as `when` says: at the answer's first bytes, or once the request is out. */
export function askAndLeave(url: string, method: string, when: "answered" | "sent"): Promise<void> {
  return new Promise((resolve) => {
    const asked = httpRequest(url, { method });
    const leave = (): void => {
      asked.destroy();
      resolve();
    };
    asked.on("error", () => undefined);
    if (when === "answered") asked.on("response", (answer) => answer.once("data", leave).on("error", () => undefined));
    asked.end(() => {
      if (when === "sent") setTimeout(leave, 50);
    });
  });
}

/** Posts a body that comes in two parts, so that its reader waits for the second in the middle of the request. */
export function postSlowly(
  url: string,
  headers: Readonly<Record<string, string>>,
  parts: readonly string[],
): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, { method: "POST", headers }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode!));
    });
    asked.on("error", reject);
    asked.write(parts[0]);
    setTimeout(() => asked.end(parts[1]), 50);
  });
}
