import { drawBar } from "./bars.ts";
import type { CliEnvironment } from "./environment.ts";
import { createPaint } from "./paint.ts";

/** A line on stderr that says how far long work is. Silent where nobody watches. */
export interface Progress {
  /** Draws at most a few times a second, so it may be called for each entry. */
  update(done: number): Promise<void>;
  /** Takes the line away again. */
  end(): Promise<void>;
}

const drawEveryMs = 100;
const barColumns = 24;

/** `total` may be unknown. */
export function startProgress(
  doing: string,
  total: number | undefined,
  { stderr }: Pick<CliEnvironment, "stderr">,
): Progress {
  if (!stderr.isTerminal) return { update: () => Promise.resolve(), end: () => Promise.resolve() };
  const paint = createPaint(stderr);
  const started = performance.now();
  let drawn = started - drawEveryMs;
  let isShown = false;
  return {
    async update(done) {
      const now = performance.now();
      if (now - drawn < drawEveryMs) return;
      drawn = now;
      isShown = true;
      const perSecond = Math.round((done / Math.max(now - started, 1)) * 1000).toLocaleString("en");
      const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total);
      const bar =
        share === undefined
          ? ""
          : `${paint.accent(drawBar(share, barColumns).padEnd(barColumns, "·"))} ${String(Math.floor(100 * share)).padStart(3)}%  `;
      await stderr.write(`\r\u001b[2K${doing}  ${bar}${done.toLocaleString("en")}  ${paint.dim(`${perSecond}/s`)}`);
    },
    async end() {
      if (isShown) await stderr.write("\r\u001b[2K");
    },
  };
}
