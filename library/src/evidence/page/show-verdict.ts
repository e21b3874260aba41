/** What the verification found, in words. */

import { isAuditError } from "../../base/errors.ts";
import type { Property, VerificationReport } from "../../integrity/verify-report.ts";
import { positionClasses, positionReasons, tamperedClasses } from "../../integrity/verify-reasons.ts";
import { element, visible } from "./elements.ts";

/** Evidence that cannot even be opened. */
export function showUnreadable(error: unknown): HTMLElement {
  const why = isAuditError(error) ? error.message : String(error);
  return banner("bad", "ALTERED", `The evidence in this page cannot be read: ${why}`);
}

export function showVerdict(report: VerificationReport): HTMLElement {
  const { counts, verdict, size } = report;
  const worst = tamperedClasses.toReversed().find((each) => counts[each] > 0) ?? "ALTERED";
  if (verdict === "tampered")
    return banner(
      "bad",
      worst,
      "This is not what was signed. Something was altered, removed or slipped in, or is damaged.",
    );
  const trust =
    verdict === "verified"
      ? "It was signed by the key that you gave."
      : "It was signed by the key that came with this page. Compare that key with the one you know, or paste yours below.";
  const withheld = counts.WITHHELD;
  const shown = (size - withheld - counts.PRUNED).toLocaleString("en");
  const rest =
    withheld > 0
      ? `${withheld.toLocaleString("en")} others were left out by whoever exported this`
      : "nothing is missing that is not explained";
  return banner("ok", "OK", `${shown} entries are exactly what was signed, and ${rest}. ${trust}`);
}

function banner(kind: "ok" | "bad", word: string, says: string): HTMLElement {
  const made = element("div", `verdict ${kind}`, element("strong", "", word), element("span", "", visible(says)));
  made.id = "verdict";
  made.setAttribute("role", "status");
  return made;
}

export function showCounts({ counts }: VerificationReport): HTMLElement {
  const there = positionClasses.filter((each) => counts[each] > 0);
  return element(
    "div",
    "counts",
    ...there.map((each) => element("span", `tag ${each}`, `${each} ${counts[each].toLocaleString("en")}`)),
  );
}

const names = {
  inclusion: "Each entry is the one that was signed",
  completeness: "No entry is missing without explanation",
  appendOnly: "Nothing shown earlier was changed since",
  sameView: "Everybody is shown the same trail",
  time: "The entries existed at a time others vouch for",
} as const;

/** Enough to see what kind of thing happened; each entry below says its own. */
const shownPositions = 20;

/** What is established and what is not, and what was found. */
export function showDetails(report: VerificationReport): HTMLElement {
  const { positions, findings, omitted, properties } = report;
  const unshown = omitted + Math.max(0, positions.length - shownPositions);
  const problems = [
    ...findings.map(({ says }) => says),
    ...positions.slice(0, shownPositions).map(({ from, to, class: is, reason, by, detail }) => {
      const where = to === from + 1 ? `Entry ${from}` : `Entries ${from} to ${to - 1}`;
      return `${where}: ${is}. ${positionReasons[reason].says}${detail === undefined ? "" : ` (${detail})`}${by === undefined ? "" : ` By entry ${by}.`}`;
    }),
    ...(unshown > 0 ? [`And ${unshown} more.`] : []),
  ];
  return element(
    "div",
    "",
    problems.length === 0 ? undefined : section("What was found", list(problems), report.verdict === "tampered"),
    section(
      "What this establishes",
      element(
        "div",
        "",
        ...Object.entries(names).map(([name, says]) => showProperty(says, properties[name as keyof typeof names])),
      ),
      false,
    ),
  );
}

function showProperty(says: string, { established, upTo, by, open }: Property): HTMLElement {
  const head = established
    ? `✓ ${says} (the first ${upTo.toLocaleString("en")}).`
    : `– Not established: ${says.charAt(0).toLowerCase()}${says.slice(1)}.`;
  return element("div", "", element("p", "", head), list([...(established ? by : []), ...open]));
}

function section(title: string, content: HTMLElement, isOpen: boolean): HTMLElement {
  const made = element("details", "", element("summary", "", title), content);
  made.open = isOpen;
  return made;
}

function list(items: readonly string[]): HTMLElement {
  return element("ul", "dim", ...items.map((item) => element("li", "", visible(item))));
}
