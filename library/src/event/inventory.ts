/**
 * What an application can be made to do, and what it keeps: the list that coverage holds against the trail.
 *
 * A capture lists what is registered with its framework (`inventory()`), asked from the framework itself where that can
 * tell, so that what was registered past the capture is on the list too. Item and trail are joined by one field: the
 * capture gives every event of a run `context.route`, through the context in force, and that text is the item's name.
 */

/**
 * - `command`, `button`, `text`, `step`, `update`: of a bot: `/start`, what a keyboard's button sends, a text outside of and
 *   a step inside a conversation, any other update
 * - `route`: of an HTTP server
 * - `job`: anything that is started by a clock, a queue or a person at a terminal
 * - `table`: rows that a database keeps
 */
export type InventoryKind = "command" | "button" | "text" | "step" | "update" | "route" | "job" | "table";

export interface InventoryItem {
  readonly kind: InventoryKind;
  /**
   * For a table its name; for everything else exactly what `context.route` of its events says. One item has one name in the
   * whole application: `/claim_reward`, `button claim:<id>`, `step add-habit/weight`, `POST /orders/:id`. A pattern, never what a
   * person typed.
   */
  readonly name: string;
  /** Who lists it: `grammy`, `hono`, `sqlite-triggers`. */
  readonly listedBy: string;
  /** Whether whatever runs it has to pass the capture first; of a table, whether its changes are captured. */
  readonly captured: boolean;
  /** Why it is left out of the trail on purpose, in words for whoever reads the report. */
  readonly excluded?: string;
  /**
   * How often it ran in this process, counted apart from recording: what ran more often than it was recorded is a gap.
   * Left out where nobody counts.
   */
  readonly runs?: number;
  /** What is wrong with it, in words, where `captured: false` alone does not say enough. */
  readonly problem?: string;
}
