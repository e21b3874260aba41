import { once } from "node:events";
import type { Writable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";

import { OutputClosed } from "./output-closed.ts";

/** Where text goes: a terminal, a pipe or a file. */
export interface TextOutput {
  /** Whether a person sees it on a terminal. */
  readonly isTerminal: boolean;
  /** Columns to keep within; `Infinity` where nobody looks at lines. */
  readonly columns: number;
  readonly colours: boolean;
  /** Resolves when more may be written, so that a slow reader slows us down. Rejects with {@link OutputClosed}. */
  write(text: string): Promise<void>;
}

export interface TextOutputOptions {
  readonly stream: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
}

/**
 * After so many characters the event loop gets a turn. Reading SQLite and writing to pipes happen at once, so a long
 * command would otherwise never learn of Ctrl-C, or that nobody reads any more.
 */
const turnCharacters = 64 * 1024;

export function createTextOutput({ stream, env, isTerminal, columns }: TextOutputOptions): TextOutput {
  let closed = false;
  let sinceTurn = 0;
  stream.on("error", () => (closed = true));
  return {
    isTerminal,
    columns: columnsFrom(env) ?? (isTerminal ? (columns ?? 80) : Infinity),
    colours: wantsColours(env, isTerminal),
    async write(text) {
      if (closed) throw new OutputClosed("Nobody reads this output any more.");
      const hasRoom = stream.write(text);
      sinceTurn += text.length;
      if (sinceTurn >= turnCharacters) {
        sinceTurn = 0;
        await nextTurn();
      }
      if (hasRoom || closed || !stream.writableNeedDrain) return;
      await Promise.race([once(stream, "drain"), once(stream, "close")]).catch(() => (closed = true));
    },
  };
}

/** https://no-color.org, https://force-color.org; what is asked for counts for more than what the terminal can do. */
function wantsColours(env: TextOutputOptions["env"], isTerminal: boolean): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const force = env["FORCE_COLOR"];
  if (force !== undefined) return force !== "0" && force !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}

function columnsFrom(env: TextOutputOptions["env"]): number | undefined {
  const columns = Number(env["COLUMNS"]);
  return Number.isInteger(columns) && columns >= 20 ? columns : undefined;
}
