import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * How many buffered events a process has accepted, kept in a small file that outlives its crash.
 *
 * Buffered events are told to their callers before they are on disk, so a killed process takes some with it. The file
 * is not flushed: it survives the process, which is what can be lost most often, and not a power cut. What a crash
 * took is this number less what the store has settled for the producer.
 */
export class BufferedLedger {
  readonly #path: string;
  #descriptor: number | undefined;
  #accepted = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** One more; or one less, where what was accepted turned out to be no event. */
  accept(more: 1 | -1 = 1): void {
    this.#accepted += more;
    if (this.#descriptor === undefined) {
      mkdirSync(dirname(this.#path), { recursive: true });
      this.#descriptor = openSync(this.#path, "w");
    }
    writeSync(this.#descriptor, String(this.#accepted).padStart(16, "0"), 0);
  }

  /** Removes the file, when everything that was accepted is settled. */
  settle(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    unlinkSync(this.#path);
  }
}

/** What a ledger of an earlier process says; 0 where there is none. */
export function readLedger(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, "latin1"), 10) || 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
