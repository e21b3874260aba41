/** Opens what erasing takes for one command: the trail, the keys that sign its checkpoints, and the erasing itself. */

import { userInfo } from "node:os";

import type { Erasure } from "../erasure/erasure-types.ts";
import type { Actor } from "../event/event.ts";
import type { CliEnvironment } from "./environment.ts";
import { guardFileOf, keyFileOf, type KeyOptions } from "./key-options.ts";
import { openForRecording, type GlobalOptions } from "./open-store.ts";
import { readReference } from "./record-fields.ts";

export interface ErasureCommandOptions extends GlobalOptions, KeyOptions {
  readonly reason: string;
  readonly actor?: string;
  readonly tenant?: string;
}

export const keyHelp = `
Keys are in --keys, $AUDITRAIL_KEYS or ./auditrail.keys; the signing guard is --guard, $AUDITRAIL_GUARD, or beside the keys.`;

/** Errors: those of opening the store and the key file. */
export async function withErasure<Result>(
  options: GlobalOptions & KeyOptions,
  environment: CliEnvironment,
  work: (erasure: Erasure) => Promise<Result>,
): Promise<Result> {
  const { openKeyFile } = await import("../sealing/key-file.ts");
  const { openSealing } = await import("../sealing/open-sealing.ts");
  const { openErasure } = await import("../erasure/open-erasure.ts");
  const { keys } = openKeyFile(keyFileOf(options, environment));
  const guard = guardFileOf(options, environment);
  const { store, trail, close } = await openForRecording(options, environment);
  try {
    const { record } = trail;
    await using sealing = openSealing({ store, record, keys, guard, intervalMs: 0, clock: environment.clock });
    const checkpoint = () => sealing.checkpointNow();
    return await work(await openErasure({ trail, store: store as never, checkpoint, resume: false }));
  } finally {
    await close();
  }
}

/** Holds need no key: they are in force from their own entry on. */
export async function withHolds<Result>(
  options: GlobalOptions,
  environment: CliEnvironment,
  work: (erasure: Erasure) => Promise<Result>,
): Promise<Result> {
  const { openErasure } = await import("../erasure/open-erasure.ts");
  const { store, trail, close } = await openForRecording(options, environment);
  try {
    return await work(
      await openErasure({ trail, store: store as never, checkpoint: () => Promise.resolve(), resume: false }),
    );
  } finally {
    await close();
  }
}

/** Who orders it, and why. */
export function orderOf({ reason, actor, tenant }: ErasureCommandOptions): {
  readonly reason: string;
  readonly actor: Actor;
  readonly tenant?: string;
} {
  const who: Actor =
    actor === undefined ? { type: "os-user", id: userInfo().username } : readReference("--actor", actor);
  return { reason, actor: who, ...(tenant === undefined ? {} : { tenant }) };
}
