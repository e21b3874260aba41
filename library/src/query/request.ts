/** What is asked of a store: a page of entries, or counts. Plain data, so that it can be sent to another thread. */

import type { Query } from "./ast.ts";

/**
 * The order of a page. By `time` (when it happened, then position) or by `seq` (position alone: when it was recorded);
 * newest or oldest first.
 */
export interface Order {
  readonly by: "time" | "seq";
  readonly direction: "newest" | "oldest";
}

export interface PageRequest {
  readonly tenant: string;
  readonly query: Query;
  readonly order: Order;
  /** 1 to 1,000. */
  readonly limit: number;
  /** From the page before; refused with `CURSOR_INVALID` when it belongs to another query or order. */
  readonly cursor?: string;
}

export const bucketUnits = ["minute", "hour", "day", "week", "month", "year"] as const;
export type BucketUnit = (typeof bucketUnits)[number];

export interface CountRequest {
  readonly tenant: string;
  readonly query: Query;
  /** Fields to group by; none gives one row with the total. */
  readonly by: readonly string[];
  /** Adds a time bucket, in a zone of the IANA database, as the first key. */
  readonly bucket?: { readonly unit: BucketUnit; readonly zone: string };
  /** Counts only so many of the matches, the newest by time, so that a question about a large trail takes no longer than that. */
  readonly newest?: number;
}

/** The keys in the order asked for (bucket first: the RFC 3339 instant it begins at); null where an event has none. */
export interface CountRow {
  readonly keys: readonly (string | null)[];
  readonly count: number;
}
