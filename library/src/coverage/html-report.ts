import type { InventoryKind } from "../event/inventory.ts";
import { reportStyle } from "./html-style.ts";
import type { SilentWrite } from "./observation.ts";
import { hasGap, type CoverageLine, type CoverageReport, type CoverageState } from "./report.ts";

export const stateNames: Readonly<Record<CoverageState, string>> = {
  gap: "gap",
  unexercised: "not exercised",
  excluded: "excluded",
  recorded: "recorded",
};

/** In the order of the report. */
export const kindTitles: Readonly<Record<InventoryKind, string>> = {
  command: "Commands",
  button: "Buttons",
  step: "Steps of conversations",
  text: "Texts",
  update: "Other updates",
  route: "Routes",
  job: "Jobs",
  table: "Tables",
};

/** The report as one page: nothing is loaded, nothing runs, and what came from names and rows is text. */
export function formatCoverageHtml(report: CoverageReport, options: { readonly title?: string } = {}): string {
  const title = options.title ?? "Audit coverage";
  const body = [
    drawHead(title, report),
    drawShares(report),
    drawFilters(report),
    drawSilent(report.silent),
    ...(Object.keys(kindTitles) as InventoryKind[]).map((kind) => drawKind(kind, report.lines)),
    drawUnlisted(report.unlisted),
    drawWords(),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${safe(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
${body.filter((part) => part !== "").join("\n")}
</main>
</body>
</html>
`;
}

function drawHead(title: string, report: CoverageReport): string {
  const { counts, silent, lines, observations, entries } = report;
  const silentCount = silent.reduce((sum, { count }) => sum + count, 0);
  const gaps = `${counts.gap} ${counts.gap === 1 ? "gap" : "gaps"}`;
  const verdict = hasGap(report)
    ? `<strong>${gaps}</strong><span>${silentCount === 0 ? "Something can happen without being recorded." : `${silentCount} silent ${silentCount === 1 ? "write" : "writes"}: rows changed, and no event says by whom.`}</span>`
    : `<strong>No gap</strong><span>${counts.unexercised === 0 ? "Everything that is not excluded ran, and was recorded." : `What ran was recorded; ${counts.unexercised} did not run, so nothing was shown of ${counts.unexercised === 1 ? "it" : "them"}.`}</span>`;
  const read = `${lines.length} items, ${entries.toLocaleString("en")} entries, ${observations} ${observations === 1 ? "run" : "runs"}`;
  return `<header><h1>${safe(title)}</h1><p class="dim">${read}</p></header>
<section class="verdict ${hasGap(report) ? "bad" : "good"}">${verdict}</section>`;
}

const states: readonly CoverageState[] = ["recorded", "excluded", "unexercised", "gap"];

function drawShares({ counts, lines }: CoverageReport): string {
  if (lines.length === 0) return "";
  const parts = states
    .filter((state) => counts[state] > 0)
    .map(
      (state) =>
        `<span class="${state}" style="flex-grow:${counts[state]}" title="${counts[state]} ${stateNames[state]}"></span>`,
    );
  return `<div class="shares" aria-hidden="true">${parts.join("")}</div>`;
}

/** Works by style alone: the page runs no script. */
function drawFilters({ counts, lines }: CoverageReport): string {
  const choice = (value: string, label: string, count: number, checked = false): string =>
    `<label class="${value}"><input type="radio" name="show" id="show-${value}"${checked ? " checked" : ""}> <b>${count}</b> ${label}</label>`;
  return `<fieldset><legend>Show</legend>${choice("all", "all", lines.length, true)}${states.map((state) => choice(state, stateNames[state], counts[state])).join("")}</fieldset>`;
}

function drawSilent(silent: readonly SilentWrite[]): string {
  if (silent.length === 0) return "";
  const rows = silent.map(
    ({ table, change, context, count, first }) =>
      `<tr><td class="name">${safe(table)}</td><td>${change}</td><td class="number">${count.toLocaleString("en")}</td>` +
      `<td>${context === "missing" ? "made outside of any operation" : "its operation recorded nothing"}</td>` +
      `<td><span class="name">${safe(`${table}/${first.row}`)}</span> at ${safe(first.time)}, entry ${first.seq}${first.tenant === "default" ? "" : ` of ${safe(first.tenant)}`}</td></tr>`,
  );
  return `<section class="silent"><h2>Silent writes</h2>
<p class="dim">The database captured these changes, and no event of the same operation speaks of them.</p>
<table><thead><tr><th>Table</th><th>Change</th><th class="number">Rows</th><th>Why</th><th>The first</th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function drawKind(kind: InventoryKind, all: readonly CoverageLine[]): string {
  const lines = all.filter((line) => line.kind === kind);
  if (lines.length === 0) return "";
  const present = [...new Set(lines.map(({ state }) => state))].join(" ");
  const columns =
    kind === "table" ? ["Changes", "Events that speak of them"] : ["Runs", "Events, and tables they write"];
  return `<section class="kind ${present}"><h2>${kindTitles[kind]} <span class="dim">${lines.length}</span></h2>
<table><thead><tr><th class="state">State</th><th>Name</th><th class="number">${columns[0]}</th><th>${columns[1]}</th></tr></thead><tbody>${lines.map(drawLine).join("")}</tbody></table></section>`;
}

function drawLine({ state, name, says, runs, actions, writes, changes, listedBy }: CoverageLine): string {
  const tags = [
    ...actions.map((action) => `<span class="tag">${safe(action)}</span>`),
    ...writes.map((table) => `<span class="tag table">${safe(table)}</span>`),
  ].join(" ");
  const kinds = changes === undefined ? "" : drawChanges(changes);
  const note = says === undefined || state === "unexercised" ? "" : `<div class="says">${safe(says)}</div>`;
  return `<tr class="${state}"><td class="state"><span class="badge">${stateNames[state]}</span></td><td><span class="name" title="listed by ${safe(listedBy.join(", "))}">${safe(name)}</span>${note}</td><td class="number">${runs === 0 ? "" : runs.toLocaleString("en")}${kinds}</td><td>${tags}</td></tr>`;
}

function drawChanges({ insert, update, delete: removed }: NonNullable<CoverageLine["changes"]>): string {
  const part = (count: number, sign: string, name: string): string =>
    count === 0 ? "" : `<span title="${count} ${name}">${sign}${count.toLocaleString("en")}</span>`;
  return `<div class="changes">${part(insert, "+", "inserted")}${part(update, "~", "updated")}${part(removed, "−", "deleted")}</div>`;
}

function drawUnlisted(unlisted: CoverageReport["unlisted"]): string {
  if (unlisted.length === 0) return "";
  const rows = unlisted.map(
    ({ route, runs, actions }) =>
      `<tr><td class="name">${safe(route)}</td><td class="number">${runs.toLocaleString("en")}</td><td>${actions.map((action) => `<span class="tag">${safe(action)}</span>`).join(" ")}</td></tr>`,
  );
  return `<section class="unlisted"><h2>On nobody's list <span class="dim">${unlisted.length}</span></h2>
<p class="dim">Events name these routes, so they are recorded; no inventory has them.</p>
<table><thead><tr><th>Route</th><th class="number">Runs</th><th>Events</th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function drawWords(): string {
  return `<section class="words dim"><h2>What the words mean</h2><dl>
<dt>recorded</dt><dd>It ran, and every run that was counted has an event. A table: rows changed, and an event speaks of each change.</dd>
<dt>excluded</dt><dd>Left out on purpose, for the reason that stands there.</dd>
<dt>not exercised</dt><dd>Nothing is wrong with it, and it did not run. Whether it is recorded was not shown.</dd>
<dt>gap</dt><dd>It can run, or did run, without being recorded.</dd></dl></section>`;
}

/** Text in a page: nothing of it is markup, and what cannot be seen is written out. */
function safe(text: string): string {
  return text
    .replaceAll(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu,
      (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`,
    )
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
