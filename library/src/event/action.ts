import type { z } from "zod";

import type { Op, Severity } from "./event.ts";

/**
 * What recording an action promises.
 *
 * - `atomic`: the event commits or rolls back with the caller's transaction, and needs one.
 * - `durable`: when `record()` resolves, the event is on disk.
 * - `buffered`: soon on disk, in batches; `record()` does not wait.
 */
export type Guarantee = "atomic" | "durable" | "buffered";

/** Turns the data of one version into the data of the next; kept for ever, because old entries never change. */
export type Upcast = (data: never) => unknown;

/** One action of a log, as {@link action} makes it. */
export interface Action<
  Data extends z.ZodType | undefined = z.ZodType | undefined,
  State extends z.ZodType | undefined = z.ZodType | undefined,
  G extends Guarantee = Guarantee,
  Reason extends "required" | "optional" = "required" | "optional",
> {
  readonly op: Op;
  /** The sentence readers see: `{actor} applied voucher {target} to order {data.orderNumber}`. */
  readonly says: string;
  /** The schema of `data`; without one the action carries no data. */
  readonly data: Data;
  /** The schema of `before` and `after`; without one they may be any plain data. */
  readonly state: State;
  readonly guarantee: G;
  readonly reason: Reason;
  readonly severity: Severity;
  readonly version: number;
  readonly upcast: Readonly<Record<number, Upcast>>;
}

export interface ActionOptions<
  Data extends z.ZodType | undefined,
  State extends z.ZodType | undefined,
  G extends Guarantee,
  Reason extends "required" | "optional",
> {
  readonly op: Op;
  readonly says: string;
  readonly data?: Data;
  readonly state?: State;
  readonly guarantee?: G;
  readonly reason?: Reason;
  readonly severity?: Severity;
  /** The version of the payload; 1 unless said. Version n needs `upcast` functions from 1 to n - 1. */
  readonly version?: number;
  readonly upcast?: Readonly<Record<number, Upcast>>;
}

/** Describes an action for {@link defineLog}. Durable, informational, version 1 unless said otherwise. */
export function action<
  Data extends z.ZodType | undefined = undefined,
  State extends z.ZodType | undefined = undefined,
  G extends Guarantee = "durable",
  Reason extends "required" | "optional" = "optional",
>(
  options: ActionOptions<Data, State, G, Reason>,
  // Without NoInfer the place where the action stands decides what is not given: in a log, that would be "any data".
): Action<NoInfer<Data>, NoInfer<State>, NoInfer<G>, NoInfer<Reason>> {
  return {
    op: options.op,
    says: options.says,
    data: options.data as Data,
    state: options.state as State,
    guarantee: options.guarantee ?? ("durable" as G),
    reason: options.reason ?? ("optional" as Reason),
    severity: options.severity ?? "info",
    version: options.version ?? 1,
    upcast: options.upcast ?? {},
  };
}
