/** The life of an order, and of a voucher: which state may follow which. */

import type { VoucherState } from "./balances.ts";

export const orderStates = ["pending", "confirmed", "packing", "completed", "cancelled"] as const;
export type OrderState = (typeof orderStates)[number];

const followers: Readonly<Record<OrderState, readonly OrderState[]>> = {
  pending: ["confirmed", "cancelled"],
  confirmed: ["packing", "cancelled"],
  packing: ["completed", "cancelled"],
  completed: [],
  cancelled: [],
};

export function mayFollow(from: OrderState, to: OrderState): boolean {
  return followers[from].includes(to);
}

/** What staff may do with an order now. */
export function nextStates(state: OrderState): readonly OrderState[] {
  return followers[state];
}

/** One active order for each participant. */
export function isActive(state: OrderState): boolean {
  return followers[state].length > 0;
}

/**
 * Consumed is final for everybody's hand: the only way back is the cancelling of the very order that consumed the voucher.
 * Life vouchers are handed out, which consumes them without an order.
 */
const voucherFollowers: Readonly<Record<VoucherState, readonly VoucherState[]>> = {
  pending: ["applied", "expired"],
  applied: ["consumed", "expired"],
  consumed: [],
  expired: [],
};

export function voucherMayBecome(from: VoucherState, to: VoucherState): boolean {
  return voucherFollowers[from].includes(to);
}
