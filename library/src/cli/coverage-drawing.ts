/** The coverage report for a terminal: what needs somebody first, what is well only when asked for. */

import { stateNames } from "../coverage/html-report.ts";
import { hasGap, type CoverageLine, type CoverageReport, type CoverageState } from "../coverage/report.ts";
import type { SilentWrite } from "../coverage/observation.ts";
import { visibleText } from "../formats/visible-text.ts";
import { createPaint, type Paint } from "./paint.ts";
import { drawTable, type Cell } from "./table.ts";
import type { TextOutput } from "./text-output.ts";
import { wrapText } from "./text-width.ts";

export interface CoverageContext {
  /** Whether what is recorded and excluded is listed too. */
  readonly all: boolean;
  readonly output: TextOutput;
}

const order: readonly CoverageState[] = ["recorded", "excluded", "unexercised", "gap"];
const barWidth = 40;

export function drawCoverage(report: CoverageReport, { all, output }: CoverageContext): string {
  const paint = createPaint(output);
  const parts = [
    drawCounts(report, paint, output),
    drawSilent(report.silent, paint, output),
    drawProblems(report.lines, paint, output),
    ...(all
      ? [
          drawLines("Recorded", "recorded", report.lines, output),
          drawLines("Excluded", "excluded", report.lines, output),
        ]
      : []),
    drawLines("Not exercised", "unexercised", report.lines, output),
    drawUnlisted(report, paint, output),
    drawVerdict(report, paint),
  ];
  return `${parts.filter((part) => part !== "").join("\n")}`;
}

function painterOf(state: CoverageState, paint: Paint): (text: string) => string {
  return { recorded: paint.good, excluded: paint.dim, unexercised: paint.warning, gap: paint.bad }[state];
}

function drawCounts(
  { counts, lines, entries, observations }: CoverageReport,
  paint: Paint,
  output: TextOutput,
): string {
  const head = `${paint.strong(`${lines.length} ${lines.length === 1 ? "item" : "items"}`)} against ${entries.toLocaleString("en")} entries of ${observations} ${observations === 1 ? "run" : "runs"}\n`;
  const rows = order.map((state): Cell[] => {
    const length = counts[state] === 0 ? 0 : Math.max(1, Math.round((counts[state] / lines.length) * barWidth));
    return [
      { text: stateNames[state], paint: painterOf(state, paint) },
      counts[state].toLocaleString("en"),
      { text: "█".repeat(length), paint: painterOf(state, paint) },
    ];
  });
  const columns = [{ title: "" }, { title: "", right: true }, { title: "" }];
  const [, ...table] = drawTable(columns, rows, output).split("\n");
  return `${head}\n${table.join("\n")}`;
}

function drawSilent(silent: readonly SilentWrite[], paint: Paint, output: TextOutput): string {
  if (silent.length === 0) return "";
  const rows = silent.map(({ table, change, count, context, first }): Cell[] => [
    { text: visibleText(table), paint: paint.bad },
    change,
    count.toLocaleString("en"),
    context === "missing" ? "made outside of any operation" : "its operation recorded nothing",
    visibleText(
      `${table}/${first.row}, ${first.time.slice(0, 19)}Z, entry ${first.seq}${first.tenant === "default" ? "" : ` of ${first.tenant}`}`,
    ),
  ]);
  const columns = [
    { title: "table" },
    { title: "change" },
    { title: "rows", right: true },
    { title: "why" },
    { title: "the first" },
  ];
  return `${paint.strong(paint.bad("Silent writes"))}: rows changed, and no event of the operation speaks of it\n${drawTable(columns, rows, output)}`;
}

/** With the whole of what is wrong: it is what somebody has to act on. */
function drawProblems(lines: readonly CoverageLine[], paint: Paint, output: TextOutput): string {
  const gaps = lines.filter(({ state }) => state === "gap");
  if (gaps.length === 0) return "";
  const drawn = gaps.flatMap(({ kind, name, says = "" }) => [
    `${paint.bad("✗")} ${kindWord(kind, name)}${paint.strong(visibleText(name))}`,
    ...wrapText(visibleText(says), Math.min(output.columns, 120) - 4).map((line) => `    ${line}`),
  ]);
  return `${paint.strong(paint.bad("Gaps"))}\n${drawn.join("\n")}\n`;
}

/** Names of buttons and steps begin with what they are. */
function kindWord(kind: string, name: string): string {
  return name.startsWith(`${kind} `) ? "" : `${kind} `;
}

function drawLines(title: string, state: CoverageState, lines: readonly CoverageLine[], output: TextOutput): string {
  const chosen = lines.filter((line) => line.state === state);
  if (chosen.length === 0) return "";
  const paint = createPaint(output);
  const rows = chosen.map((line): Cell[] => [
    { text: line.kind, paint: paint.dim },
    visibleText(line.name),
    ...(state === "recorded" ? [line.runs.toLocaleString("en"), describe(line)] : []),
    ...(state === "excluded" ? [visibleText(line.says ?? "")] : []),
  ]);
  const more = {
    recorded: [{ title: "runs", right: true }, { title: "events → tables" }],
    excluded: [{ title: "reason" }],
  };
  const columns = [
    { title: "kind" },
    { title: "name", least: 24 },
    ...((more as Record<string, readonly { title: string; right?: boolean }[]>)[state] ?? []),
  ];
  return `${painterOf(state, paint)(title)}\n${drawTable(columns, rows, output)}`;
}

function describe({ actions, writes }: CoverageLine): string {
  return visibleText(actions.join(", ") + (writes.length === 0 ? "" : ` → ${writes.join(", ")}`));
}

function drawUnlisted({ unlisted }: CoverageReport, paint: Paint, output: TextOutput): string {
  if (unlisted.length === 0) return "";
  const rows = unlisted.map(({ route, runs, actions }): Cell[] => [
    visibleText(route),
    runs.toLocaleString("en"),
    visibleText(actions.join(", ")),
  ]);
  return `${paint.strong("On nobody's list")}: events name these routes, no inventory has them\n${drawTable([{ title: "route" }, { title: "runs", right: true }, { title: "events" }], rows, output)}`;
}

function drawVerdict(report: CoverageReport, paint: Paint): string {
  const { gap, unexercised } = report.counts;
  if (hasGap(report)) return `${paint.bad("✗")} ${gap} ${gap === 1 ? "gap" : "gaps"}.\n`;
  const rest =
    unexercised === 0
      ? ""
      : ` ${unexercised} did not run, so nothing was shown of ${unexercised === 1 ? "it" : "them"}.`;
  return `${paint.good("✓")} No gap.${rest}\n`;
}
