/** Rows as the tables hold them; truth values are 0 and 1, money whole cents, times ISO texts in UTC. */

import type { VoucherKind, VoucherState } from "../rules/balances.ts";
import type { OrderState } from "../rules/order-state.ts";
import type { Role } from "../rules/roles.ts";
import type { Category } from "../rules/validate-order.ts";

export interface ParticipantRow {
  readonly number: string;
  readonly name: string;
  readonly email: string;
  readonly adults: number;
  readonly children: number;
  readonly infants: number;
  readonly language: string;
  readonly program: string;
  readonly active: 0 | 1;
  readonly registeredAt: string;
}

export interface PersonRow {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly participant: string | null;
  readonly passwordHash: string | null;
  /** Of a password that came by mail: good once, to choose another. */
  readonly temporaryHash: string | null;
  readonly temporaryUntil: string | null;
  readonly active: 0 | 1;
}

export interface VoucherRow {
  readonly number: number;
  readonly participant: string;
  readonly kind: VoucherKind;
  readonly state: VoucherState;
  readonly amount: number;
  readonly multiplier: number;
  readonly forPause: 0 | 1;
  readonly orderNumber: string | null;
  readonly createdAt: string;
  readonly appliedAt: string | null;
  readonly endedAt: string | null;
}

export interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly price: number;
  readonly stock: number;
}

export type CategoryRow = Category;

export interface OrderRow {
  readonly number: string;
  readonly participant: string;
  readonly state: OrderState;
  readonly food: number;
  readonly hygiene: number;
  readonly placedAt: string;
  readonly changedAt: string;
}

export interface OrderLineRow {
  readonly sku: string;
  readonly product: string;
  readonly quantity: number;
  readonly price: number;
}

export interface MailTypeRow {
  readonly name: string;
  readonly displayName: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly active: 0 | 1;
}

export interface MailRow {
  readonly id: number;
  readonly type: string;
  readonly participant: string | null;
  readonly person: number;
  readonly recipient: string;
  readonly variables: string;
  readonly queuedBy: string;
  readonly queuedAt: string;
  readonly status: "queued" | "sent" | "failed";
  readonly finishedAt: string | null;
  readonly messageId: string | null;
  readonly retries: number;
  readonly subject: string | null;
  readonly error: string | null;
  readonly delivery: "unknown" | "delivered" | "bounced" | "complained";
}

export interface PauseRow {
  readonly id: number;
  readonly program: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly multiplier: number;
}
