/** Erasing as the store offers it: steps in their order, with waiting for locks between them. */

import type { Erased, Store } from "../../trail/contracts.ts";
import type { SessionClient } from "./session-client.ts";

export interface ErasingOptions {
  /** Both wait while another connection holds a lock. */
  readonly read: SessionClient["call"];
  readonly write: SessionClient["call"];
}

type Erasing = Pick<Store<unknown>, "erase" | "compact" | "listErasures" | "listHolds" | "readSubjectKeys">;

export function createErasing({ read, write }: ErasingOptions): Erasing {
  return {
    async erase(tenant, by): Promise<Erased> {
      const erased = { entries: 0, parts: 0 };
      for (;;) {
        const step = await write("eraseStep", tenant, by);
        erased.entries += step.entries;
        erased.parts += step.parts;
        if (step.done) return erased;
      }
    },
    async compact(): Promise<void> {
      const erasures = await read("listUncompacted");
      if (erasures.length === 0) return;
      await write("rewriteDatabase");
      // The bytes are in the old log until it is empty, so only then are the erasures done.
      await write("emptyLog");
      await write("markCompacted", erasures);
    },
    listErasures: (tenant) => read("listErasures", tenant),
    listHolds: (tenant) => read("listHolds", tenant),
    async readSubjectKeys(tenant, subjects, create) {
      const found = await read("readSubjectKeys", tenant, subjects);
      const isMissing = subjects.some((subject) => !found.has(subject));
      return create && isMissing ? write("makeSubjectKeys", tenant, subjects) : found;
    },
  };
}
