/** A verification report for a person. */

import { positionReasons, positionClasses } from "../../integrity/verify-reasons.ts";
import type { PositionFinding, Properties, Property, VerificationReport } from "../../integrity/verify-report.ts";
import { createPaint, type Paint } from "../paint.ts";
import type { TextOutput } from "../text-output.ts";
import { wrapText } from "../text-width.ts";
import { visibleText } from "../../formats/visible-text.ts";

export interface DrawOptions {
  readonly name: string;
  /** Whom the verification believed; empty where nobody. */
  readonly trust: string;
  /** How many findings of each kind are shown. */
  readonly limit: number;
}

export function drawReport(report: VerificationReport, options: DrawOptions, output: TextOutput): string {
  const paint = createPaint(output);
  const columns = Math.min(output.columns, 110);
  const parts = [
    drawVerdict(report, options, paint),
    drawFindings(report, options.limit, paint, columns),
    drawProperties(report.properties, paint, columns),
    drawHistory(report, paint, columns),
  ];
  return `${parts.filter((part) => part !== "").join("\n")}\n`;
}

function drawVerdict(report: VerificationReport, { name, trust }: DrawOptions, paint: Paint): string {
  const verdicts = {
    verified: paint.good("✓ verified"),
    tampered: paint.bad("✗ TAMPERED WITH"),
    unproven: paint.warning("? unproven"),
  };
  const counts = positionClasses
    .filter((each) => report.counts[each] > 0)
    .map((each) => `${number(report.counts[each])} ${each.toLowerCase()}`);
  const { kept, accepted } = report.checkpoints;
  return [
    `${verdicts[report.verdict]}  ${paint.strong(visibleText(name))}  ${paint.dim(visibleText(report.origin))}`,
    `  ${number(report.size)} ${report.size === 1 ? "entry" : "entries"}: ${counts.join(", ") || "none"}`,
    `  ${number(kept)} ${kept === 1 ? "checkpoint" : "checkpoints"}, ${number(accepted)} accepted${trust === "" ? "" : ` by ${visibleText(trust)}`}`,
    "",
  ].join("\n");
}

function drawFindings(report: VerificationReport, limit: number, paint: Paint, columns: number): string {
  const isBad = ({ class: its }: PositionFinding): boolean => its === "ALTERED" || its === "MISSING" || its === "EXTRA";
  const shown = [...report.positions]
    .sort((a, b) => Number(isBad(b)) - Number(isBad(a)) || a.from - b.from)
    .slice(0, limit);
  const lines = shown.map((finding) => {
    const sign = isBad(finding) ? paint.bad("✗") : paint.dim("·");
    return item(`${sign} ${place(finding)}`, saysOf(finding), columns);
  });
  const trail = report.findings
    .slice(0, limit)
    .map(({ reason, says }) => item(`${paint.bad("✗")} ${reason}`, visibleText(says), columns));
  const hidden = report.positions.length + report.findings.length - shown.length - trail.length + report.omitted;
  const more = hidden > 0 ? [`  ${paint.dim(`… and ${number(hidden)} more`)}\n`] : [];
  return [...lines, ...trail, ...more].join("");
}

function place({ from, to, class: its }: PositionFinding): string {
  return `${to === from + 1 ? `entry ${from}` : `entries ${from} to ${to - 1}`}: ${its}`;
}

function saysOf({ reason, by, detail }: PositionFinding): string {
  const { says } = positionReasons[reason];
  return `${says}${detail === undefined ? "" : ` (${visibleText(detail)})`}${by === undefined ? "" : ` See entry ${by}.`}`;
}

const questions: readonly (readonly [keyof Properties, string])[] = [
  ["inclusion", "Each entry is the one that was signed"],
  ["completeness", "No entry is missing"],
  ["appendOnly", "Nothing was rewritten since somebody else saw it"],
  ["sameView", "Everybody is shown the same trail"],
  ["time", "It existed when it says"],
];

function drawProperties(properties: Properties, paint: Paint, columns: number): string {
  return questions.map(([name, says]) => drawProperty(says, properties[name], paint, columns)).join("");
}

function drawProperty(says: string, { established, upTo, by, open }: Property, paint: Paint, columns: number): string {
  const sign = established ? paint.good("✓") : paint.warning("–");
  const extent = established
    ? `: the first ${number(upTo)}, by ${by.map(visibleText).join(", ")}`
    : ": not established";
  const lines = wrapText(`${says}${extent}`, columns - 4).map((line, index) =>
    index === 0 ? `  ${sign} ${line}` : `    ${line}`,
  );
  const notes = open.flatMap((note) =>
    wrapText(visibleText(note), columns - 6).map((line) => `      ${paint.dim(line)}`),
  );
  return `${[...lines, ...notes].join("\n")}\n`;
}

function drawHistory({ epochs }: VerificationReport, paint: Paint, columns: number): string {
  return epochs
    .map(({ epoch, seq, oldSize, continues }) => {
      const says = continues
        ? `Epoch ${epoch} began at entry ${seq}; what was signed before, ${oldSize} entries, is all here.`
        : `Epoch ${epoch} began at entry ${seq}: the trail no longer holds what was signed before as its first ${oldSize} entries.`;
      return item(continues ? paint.dim("·") : paint.warning("!"), says, columns);
    })
    .join("");
}

function item(head: string, says: string, columns: number): string {
  const lines = wrapText(says, columns - 6);
  return `  ${head}\n${lines.map((line) => `      ${line}\n`).join("")}`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
