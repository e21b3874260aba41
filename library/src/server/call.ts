/** What a handler gets, and what it may give back. */

import type { z } from "zod";

import type { Clock } from "../base/time.ts";
import type { Catalogue } from "../event/catalogue.ts";
import type { Sealing } from "../sealing/sealing-types.ts";
import type { Store } from "../trail/contracts.ts";
import type { Trail } from "../trail/types.ts";
import type { AccessLog, Origin, ReadWhat } from "./access-log.ts";
import type { AccessRules } from "./access-rule.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { Caller } from "./caller.ts";
import type { HandOverRules } from "./hand-over.ts";
import type { LastCheckpoints } from "./last-checkpoints.ts";
import type { Metrics } from "./metrics.ts";
import type { Reading } from "./reading.ts";
import type { JsonText } from "./respond.ts";
import type { Route } from "./route.ts";
import type { RouteName, routeTable } from "./routes.ts";

/** What all handlers share. */
export interface Services {
  readonly trail: Trail;
  readonly store: Store<unknown>;
  readonly catalogue: Catalogue;
  readonly rules: AccessRules;
  readonly reading: Reading;
  readonly accounts: Accounts;
  readonly accessLog: AccessLog;
  readonly metrics: Metrics;
  readonly lastCheckpoints: LastCheckpoints;
  readonly sealing: Pick<Sealing, "status"> | undefined;
  readonly clock: Clock;
  readonly ids: () => string;
  readonly prefix: string;
  readonly homeTenant: string;
  readonly version: string;
  readonly handOver: HandOverRules | undefined;
  readonly limits: { readonly tails: number; readonly exports: number };
  /** Aborted when the server closes: what streams, ends. */
  readonly closing: AbortSignal;
}

/** What every call has, whatever its route. */
export interface AnyCall {
  readonly services: Services;
  readonly request: Request;
  readonly caller: Caller;
  readonly origin: Origin;
  /** Whether the caller may still do what they might when it began. Long answers end with the session, and with the role. */
  mayGoOn(): boolean;
  /** Sets, or with `undefined` ends, the session's cookie. */
  setSession(token: string | undefined): void;
  /** The session's token that the request came with. */
  readonly sessionToken: string | undefined;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface Call<R extends Route> extends AnyCall {
  readonly parameters: R extends { readonly parameters: infer Schema } ? Output<Schema> : undefined;
  readonly query: R extends { readonly query: infer Schema } ? Output<Schema> : undefined;
  readonly body: R extends { readonly body: infer Schema } ? Output<Schema> : undefined;
}

/** The same shape, but nothing in it need be writable. */
export type Readonlies<Shape> = Shape extends readonly (infer Item)[]
  ? readonly Readonlies<Item>[]
  : Shape extends object
    ? { readonly [Name in keyof Shape]: Readonlies<Shape[Name]> }
    : Shape;

/** A value of the answer's schema, or its JSON, or a whole response; nothing where the route answers without content. */
export type Reply<R extends Route> =
  | Response
  | (R["answer"] extends { readonly schema: infer Schema extends z.ZodType }
      ? Readonlies<z.input<Schema>> | JsonText<Readonlies<z.input<Schema>>>
      : undefined);

export type Handler<R extends Route> = (call: Call<R>) => Promise<Reply<R>> | Reply<R>;

export type HandlerOf<Name extends RouteName> = Handler<(typeof routeTable)[Name]>;

export type Handlers<Names extends RouteName = RouteName> = { readonly [Name in Names]: HandlerOf<Name> };

/** Records what was read; see {@link AccessLog}. */
export function noteRead(
  call: AnyCall,
  what: ReadWhat,
  tenant: string,
  query: string | undefined,
  revealed: boolean,
): Promise<void> {
  return call.services.accessLog.read(call.origin, { what, tenant, query: query ?? "", revealed });
}
