import { encodeUtf8 } from "../base/bytes.ts";
import { idFromDigest } from "../base/ids.ts";
import { sha256 } from "../base/sha256.ts";
import type { Importer, MappedEvent } from "./importer.ts";
import type { RepeatCounter } from "./repeat-counter.ts";

/** Gives imported events their ids. */
export interface EventIdentity {
  /** Counts a record without giving it an id: one that an earlier run imported. */
  pass(text: string): void;
  /** The id of the next record, in the order of the source. */
  identify(text: string): (event: MappedEvent) => string;
}

/**
 * An imported event's id is made of its time and of what identifies the record in its source: the same record has the
 * same id whoever imports it, whenever, from whichever file. Its place in the file is not part of it, because logs are rotated,
 * cut and concatenated.
 */
export function createEventIdentity({ kind, scope = "" }: Importer, repeats: RepeatCounter | undefined): EventIdentity {
  const textDigest = (text: string) => sha256(encodeUtf8(text.toWellFormed()));
  return {
    pass(text) {
      repeats?.count(textDigest(text));
    },
    identify(text) {
      // The record is counted whatever it turns out to be, so that a run that passes over it counts the same.
      const digest = repeats === undefined ? undefined : textDigest(text);
      const occurrence = digest === undefined ? 1 : repeats!.count(digest);
      return ({ identity, occurredAtMicros }) => {
        const what = identity === undefined ? ["text", text, occurrence] : ["identity", identity];
        return idFromDigest(occurredAtMicros, sha256(JSON.stringify(["auditrail/import/1", kind, scope, ...what])));
      };
    },
  };
}
