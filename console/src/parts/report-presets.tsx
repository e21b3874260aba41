import type { Catalogue, LogDescription } from "../api/types.ts";
import { visibleText } from "../kit/visible-text.ts";
import { isTimePart, joinParts, partsOf, termOf } from "../state/query-text.ts";

/** What a report is of. */
export interface ReportChoice {
  readonly q: string;
  readonly rows: string;
  readonly columns: string;
}

interface ReportPresetsProps {
  readonly catalogue: Catalogue | undefined;
  readonly chosen: ReportChoice;
  readonly onChoose: (choice: { readonly [name in keyof ReportChoice]: string }) => void;
}

/** One report for each log: by the first of its filters, and by outcome. The time that was chosen stays. */
export function ReportPresets({ catalogue, chosen, onChoose }: ReportPresetsProps) {
  const times = partsOf(chosen.q).filter(isTimePart);
  const made = Object.entries(catalogue?.logs ?? {}).map(([name, log]) => ({
    title: log.title,
    choice: { q: joinParts(termOf("log", name), ...times), rows: rowsOf(log), columns: "outcome" },
  }));
  const byDay = { title: "By day", choice: { ...chosen, rows: "day", columns: "outcome" } };
  return (
    <p className="presets">
      <span className="muted">Ready made:</span>
      {[...made, byDay].map(({ title, choice }) => (
        <button
          key={title}
          type="button"
          className="link-button"
          aria-pressed={isSame(choice, chosen)}
          onClick={() => onChoose(choice)}
        >
          {visibleText(title)}
        </button>
      ))}
    </p>
  );
}

function rowsOf({ list }: LogDescription): string {
  return list.filters?.find((field) => field !== "outcome") ?? "action";
}

function isSame(one: ReportChoice, other: ReportChoice): boolean {
  return one.q === other.q && one.rows === other.rows && one.columns === other.columns;
}

/** What stands above a report: the log that it is of, where it is of one. */
export function reportTitle(catalogue: Catalogue | undefined, query: string): string {
  const logs = Object.entries(catalogue?.logs ?? {});
  const [only, another] = logs.filter(([name]) => partsOf(query).includes(termOf("log", name)));
  return only === undefined || another !== undefined ? "Reports" : visibleText(only[1].title);
}
