import { runWithoutContext } from "../context/context.ts";
import type { EventFields } from "../event/event.ts";
import type { Keeper } from "./keeper.ts";
import type { PrepareEvent } from "./prepare-event.ts";

export interface HandOverOptions {
  readonly prepareEvent: PrepareEvent;
  readonly keeper: Pick<Keeper, "accept" | "keepAccepted" | "refuseAccepted">;
}

/** As long as the commit queue lets an event wait for company. */
const lingerMs = 50;
/** Preparing so many takes one to three milliseconds, for which the event loop waits. */
const mostAtOnce = 64;

interface HandedOver {
  readonly action: string;
  readonly fields: EventFields;
}

/**
 * Buffered events that nobody can change any more, until there are some to prepare one after the other: between other
 * work each takes three times as long, because neither code nor data is in the processor's caches.
 *
 * Each was accepted into the ledger when it came; it leaves to the keeper, or is refused and counted.
 */
export class HandOver {
  readonly #options: HandOverOptions;
  #waiting: HandedOver[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Errors: `TRAIL_CLOSED`. */
  add(action: string, fields: EventFields): void {
    this.#options.keeper.accept();
    this.#waiting.push({ action, fields });
    if (this.#waiting.length >= mostAtOnce) this.prepareAll();
    // It keeps the process alive for so long: its end must not come before the events are written.
    else this.#timer ??= setTimeout(() => this.prepareAll(), lingerMs);
  }

  /** To be called before anything else is recorded, so that events keep their order. */
  prepareAll(): void {
    if (this.#waiting.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    // A timer runs in the context in which it was made: that of somebody's operation.
    runWithoutContext(() => {
      for (const each of batch) this.#prepare(each);
    });
  }

  #prepare({ action, fields }: HandedOver): void {
    const { prepareEvent, keeper } = this.#options;
    try {
      keeper.keepAccepted(prepareEvent(action, fields));
    } catch (error) {
      keeper.refuseAccepted(error);
    }
  }
}
