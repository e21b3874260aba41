import type { TrailHead } from "../trail/contracts.ts";
import type { ImportScope, ImportState } from "./import-state.ts";
import type { ImportSummary, Tally } from "./import-summary.ts";
import type { ImportSource, OpenedSource } from "./import-source.ts";
import type { Importer } from "./importer.ts";
import type { RecordQueue } from "./record-queue.ts";

export interface PlaceOptions {
  readonly importer: Importer;
  readonly source: ImportSource;
  readonly trail: { flush(): Promise<void>; trails(): Promise<readonly TrailHead[]> } | undefined;
  readonly tenant: string;
  readonly state: ImportState | undefined;
}

/** Where in its source an import begins, and how far it has come. */
export interface Place {
  readonly earlier: ImportSummary["earlier"];
  /** The source is done, and has not changed since. */
  readonly unchanged: boolean;
  readonly writtenAtMicros: number | undefined;
  open(source: ImportSource): OpenedSource;
  /** Remembers what is settled; `whole` after the last record of the source. */
  save(queue: RecordQueue, tally: Tally, how: "whole" | "part"): Promise<void>;
}

const nothingDone = { records: 0, malformed: 0, conflicts: 0 };

export async function createPlace({ importer, source, trail, tenant, state }: PlaceOptions): Promise<Place> {
  // The origin is known once the trail has an entry. One without entries has nothing of what an earlier run did.
  const findScope = async (): Promise<ImportScope | undefined> => {
    const head = (await trail?.trails())?.find((candidate) => candidate.tenant === tenant);
    if (head === undefined) return undefined;
    const settings = `${importer.scope ?? ""} ${importer.settings}`;
    return { kind: importer.kind, settings, trail: head.origin, trailSize: head.size };
  };
  const scopeAtStart = state === undefined ? undefined : await findScope();
  const found = scopeAtStart === undefined ? undefined : await state?.find(source, scopeAtStart);
  const { records, malformed, conflicts } = found?.progress ?? nothingDone;
  const modifiedAtMs = source.fingerprint?.modifiedAtMs;
  const writtenAtMicros = modifiedAtMs === undefined ? undefined : Math.round(modifiedAtMs * 1000);
  let opened: OpenedSource | undefined;
  return {
    earlier: { records, malformed, conflicts },
    unchanged: found?.unchanged ?? false,
    writtenAtMicros,
    open: (from) => (opened = from.open()),
    async save(queue, { counts }, how) {
      if (state === undefined || opened === undefined || source.fingerprint === undefined) return;
      const done = {
        records: records + queue.settled(),
        malformed: malformed + counts.malformed,
        conflicts: conflicts + counts.conflicts,
      };
      // Before it is said that they are done, they are on disk, buffered ones too.
      await trail?.flush();
      const scope = await findScope();
      if (scope === undefined) return;
      const readNow = opened.digest();
      const readBefore = found?.progress.read;
      await state.save(source, scope, {
        ...done,
        // Stopped before it came to where the last run was: that run's place stands.
        read: readBefore !== undefined && readBefore.bytes > readNow.bytes ? readBefore : readNow,
        finished: how === "whole" && queue.settled() === counts.read,
      });
    },
  };
}
