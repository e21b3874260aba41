import { AuditError } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { AccountsFile } from "./accounts-file.ts";
import { foldName } from "./people.ts";

/** Free tries before the first wait: people mistype. An address may be that of a whole office. */
const freeTries = { name: 4, address: 20 } as const;
const firstWaitMicros = 1_000_000;
const longestWaitMicros = 900_000_000;
/** Failures are forgotten when there was none for so long. */
const forgottenAfterMicros = 3_600_000_000;

export type Attempts = ReturnType<typeof createAttempts>;

/**
 * Lockout with back-off, for each name and each address: every failure after the free ones doubles the wait, up to 15 minutes. A
 * name is never locked for good, which would let anybody lock anybody out. Names that do not exist count as well, so
 * that waiting tells nobody which names do.
 */
export function createAttempts(file: AccountsFile, clock: Clock) {
  const subjectsOf = (name: string, address: string) =>
    [
      { kind: "name", subject: `name ${foldName(name)}` },
      { kind: "address", subject: `address ${address}` },
    ] as const;

  return {
    /** Errors: `SIGN_IN_DELAYED`, with `retryAfterSeconds`. */
    assertOpen(name: string, address: string): void {
      const now = clock.nowMicros();
      for (const { subject } of subjectsOf(name, address)) {
        const openAt = file.get("SELECT open_at FROM auditrail_server_attempt WHERE subject = ?", subject)?.["open_at"];
        if (typeof openAt !== "number" || openAt <= now) continue;
        const retryAfterSeconds = Math.ceil((openAt - now) / 1_000_000);
        const message = `Too many tries failed. Try again in ${retryAfterSeconds} s.`;
        throw new AuditError("SIGN_IN_DELAYED", message, { details: { retryAfterSeconds } });
      }
    },

    noteFailure(name: string, address: string): void {
      const now = clock.nowMicros();
      file.transaction(() => {
        file.run("DELETE FROM auditrail_server_attempt WHERE failed_at < ?", now - forgottenAfterMicros);
        for (const { kind, subject } of subjectsOf(name, address)) {
          const row = file.get("SELECT failures FROM auditrail_server_attempt WHERE subject = ?", subject);
          const failures = Number(row?.["failures"] ?? 0) + 1;
          file.run(
            "INSERT INTO auditrail_server_attempt VALUES (?, ?, ?, ?) ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, failed_at = excluded.failed_at, open_at = excluded.open_at",
            ...([subject, failures, now, now + waitAfter(failures - freeTries[kind])] as const),
          );
        }
      });
    },

    /**
     * The name's failures are forgotten. Of the address's only the one that this try was counted as, so that one good account does
     * not clear the way for others.
     */
    noteSuccess(name: string, address: string): void {
      file.run("DELETE FROM auditrail_server_attempt WHERE subject = ?", `name ${foldName(name)}`);
      file.run(
        "UPDATE auditrail_server_attempt SET failures = failures - 1, open_at = 0 WHERE subject = ? AND failures > 0",
        `address ${address}`,
      );
    },
  };
}

function waitAfter(failuresTooMany: number): number {
  return failuresTooMany <= 0
    ? 0
    : Math.min(longestWaitMicros, firstWaitMicros * 2 ** Math.min(failuresTooMany - 1, 20));
}
