import { closeSync, existsSync, openSync, statSync, writeSync } from "node:fs";

import { AuditError, quote } from "../base/errors.ts";
import type { MalformedRecord } from "../importers/import-summary.ts";

/** A file that gets a line for every record that could not be imported. Lines are added: an import may take several runs. */
export function openRejects(file: string, store: string) {
  const attempt = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new AuditError(
        "FILE_UNREADABLE",
        `Cannot write ${quote(file)}: ${found}. Check the directory and the space left.`,
        { cause },
      );
    }
  };
  if (existsSync(file) && existsSync(store) && statSync(file).ino === statSync(store).ino) {
    throw new AuditError("OPTION_INVALID", `Cannot write rejects into ${quote(file)}: that is the trail itself.`);
  }
  // What is rejected may hold personal data.
  const descriptor = attempt(() => openSync(file, "a", 0o600));
  return {
    add: (record: MalformedRecord): void => void attempt(() => writeSync(descriptor, `${JSON.stringify(record)}\n`)),
    close: (): void => closeSync(descriptor),
  };
}
