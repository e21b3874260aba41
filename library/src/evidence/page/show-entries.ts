/** The entries as a table, a page at a time, found by the same query language as everywhere. */

import { systemClock } from "../../base/time.ts";
import { isAuditError } from "../../base/errors.ts";
import { reference } from "../../event/event.ts";
import type { PositionClass } from "../../integrity/verify-reasons.ts";
import { matches } from "../../query/matches.ts";
import { parseQuery } from "../../query/parse-query.ts";
import { button, element, visible } from "./elements.ts";
import type { PageEntry } from "./load-page.ts";

const rowsPerPage = 100;
const columns = 6;

/** `stateOf` gives what the verification says of a position. */
export function showEntries(entries: readonly PageEntry[], stateOf: (seq: number) => PositionClass): HTMLElement {
  let found = entries;
  let first = 0;
  const search = element("input", "");
  Object.assign(search, {
    type: "search",
    placeholder: "Search: words, actor:user/42, action:order.*, after:2026-01-01 …",
    ariaLabel: "Search",
  });
  const says = element("span", "dim");
  const body = element("tbody", "");
  const turn = (by: number) => () => {
    first += by;
    draw();
  };
  const before = button("Before", turn(-rowsPerPage));
  const next = button("Next", turn(rowsPerPage));

  function draw(): void {
    const shown = found.slice(first, first + rowsPerPage);
    body.replaceChildren(...shown.flatMap((entry) => showRow(entry, stateOf(entry.seq))));
    before.disabled = first === 0;
    next.disabled = first + rowsPerPage >= found.length;
    const range = shown.length === 0 ? "none" : `${first + 1} to ${first + shown.length}`;
    says.textContent = `${range} of ${found.length.toLocaleString("en")}${found.length === entries.length ? "" : ` found among ${entries.length.toLocaleString("en")}`}`;
  }

  function find(): void {
    try {
      const query = parseQuery(search.value, { now: systemClock.nowMicros(), zone: "UTC" });
      found =
        search.value.trim() === ""
          ? entries
          : entries.filter(({ entry }) => entry !== undefined && matches(query, entry));
      first = 0;
      draw();
    } catch (error) {
      says.textContent = isAuditError(error) ? error.message : String(error);
    }
  }

  search.addEventListener("input", find);
  draw();
  const head = element(
    "tr",
    "",
    th("seq", "Entry"),
    th("time", "Time (UTC)"),
    th("", "Who"),
    th("", "Did"),
    th("", "To what"),
    th("state", "Verified"),
  );
  const table = element("table", "", element("thead", "", head), body);
  return element(
    "section",
    "",
    element("h2", "", "Entries"),
    element("div", "asking", search, before, next, says),
    table,
  );
}

function th(className: string, title: string): HTMLElement {
  return element("th", className, title);
}

function showRow(page: PageEntry, state: PositionClass): readonly HTMLElement[] {
  const event = page.entry?.event;
  const cells = [
    element("td", "seq", String(page.seq)),
    element("td", "time", visible(event === undefined ? "" : event.occurredAt.slice(0, 19).replace("T", " "))),
    element("td", "", visible(event === undefined ? "" : (event.actor.name ?? reference(event.actor)))),
    element(
      "td",
      "",
      visible(event === undefined ? "cannot be read" : event.action),
      ...(event === undefined || event.outcome === "success" ? [] : [` (${event.outcome})`]),
    ),
    element("td", "", visible((event?.targets ?? []).map((target) => target.name ?? reference(target)).join(", "))),
    element("td", "", element("span", `tag ${state}`, state)),
  ];
  const row = element("tr", "entry", ...cells);
  row.tabIndex = 0;
  const detail = element("tr", "");
  detail.hidden = true;
  const toggle = (): void => {
    if (detail.childElementCount === 0) detail.append(showDetail(page));
    detail.hidden = !detail.hidden;
  };
  row.addEventListener("click", toggle);
  row.addEventListener("keydown", ({ key }) => void (key === "Enter" && toggle()));
  return [row, detail];
}

function showDetail({ entry, text, locked }: PageEntry): HTMLElement {
  const notes = [
    ...(locked > 0
      ? [
          `${locked} ${locked === 1 ? "part" : "parts"} of personal data encrypted: open the disclosure file to read it.`,
        ]
      : []),
    ...(entry === undefined || entry.erased.length === 0 || locked > 0 ? [] : [`Erased: ${entry.erased.join(", ")}`]),
    ...(entry === undefined ? [] : [`Leaf hash ${entry.hash}`]),
  ];
  const shown = entry === undefined ? text : JSON.stringify(entry.event, undefined, 2);
  const cell = element(
    "td",
    "",
    ...notes.map((note) => element("p", "dim mono", visible(note))),
    element("pre", "", visible(shown)),
  );
  cell.colSpan = columns;
  return cell;
}
