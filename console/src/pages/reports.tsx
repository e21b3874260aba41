import { useMemo } from "react";

import { useCatalogue, useCounts } from "../api/reading.ts";
import type { BucketUnit, Catalogue } from "../api/types.ts";
import { fieldTitle } from "../kit/field-values.ts";
import { Icon } from "../kit/icon.tsx";
import { timesIn } from "../kit/times.ts";
import { visibleText } from "../kit/visible-text.ts";
import { Failed } from "../parts/empty-state.tsx";
import { ReportPresets, reportTitle } from "../parts/report-presets.tsx";
import { ReportTable } from "../parts/report-table.tsx";
import { SearchBox } from "../parts/search-box.tsx";
import { TimeSelect } from "../parts/time-select.tsx";
import { useParameters } from "../state/address.ts";
import { pivotOf, toCsv } from "../state/pivot.ts";
import { useZoneInAddress } from "../state/zone.ts";

const buckets: readonly BucketUnit[] = ["hour", "day", "week", "month"];
const usual = ["action", "log", "outcome", "actor", "target.type", "severity", "source", "error.message"];

/** Counts by any field and by time, as bars and as a table; every number leads to its events. */
export function ReportsPage() {
  const [parameters, change] = useParameters();
  const zone = useZoneInAddress();
  const { data: catalogue } = useCatalogue();
  const query = parameters.get("q") ?? "";
  const rows = parameters.get("rows") ?? "action";
  const columns = parameters.get("columns") ?? "outcome";
  const tenant = parameters.get("tenant") ?? undefined;
  const bucket = buckets.find((unit) => unit === rows);
  const by = [...(bucket === undefined ? [rows] : []), ...(columns === "none" ? [] : [columns])];
  const asking = { tenant, query, zone };
  const { data, error, refetch } = useCounts(asking, by, bucket);
  const pivot = useMemo(() => pivotOf(data?.rows ?? [], bucket !== undefined), [data, bucket]);
  const fields = useMemo(() => choices(catalogue), [catalogue]);
  function download(): void {
    const head = [
      fieldTitle(rows),
      ...pivot.columns.map((key) => (columns === "none" ? "count" : (key ?? "none"))),
      "total",
    ];
    const body = pivot.rows.map(({ key, cells, total }) => [key ?? "none", ...cells, total]);
    const url = URL.createObjectURL(new Blob([toCsv([head, ...body])], { type: "text/csv" }));
    Object.assign(document.createElement("a"), { href: url, download: "report.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
  return (
    <div className="page reports">
      <header className="page-head">
        <h1>{reportTitle(catalogue, query)}</h1>
        <p className="only-print">
          {query === "" ? "All entries" : visibleText(query)}, times in {zone}, printed{" "}
          {timesIn(zone).absolute(new Date().toISOString())}
        </p>
        <div className="toolbar">
          <TimeSelect query={query} onChange={(next) => change({ q: next })} />
          <Choice
            label="Rows"
            value={rows}
            onChange={(next) => change({ rows: next }, { replace: true })}
            fields={fields}
            buckets
          />
          <Choice
            label="Columns"
            value={columns}
            onChange={(next) => change({ columns: next }, { replace: true })}
            fields={["none", ...fields]}
          />
          <button type="button" className="button" onClick={download}>
            <Icon name="download" /> CSV
          </button>
          <button type="button" className="button only-wide" onClick={() => print()}>
            Print
          </button>
        </div>
      </header>
      <SearchBox query={query} tenant={tenant} within="" onSearch={(next) => change({ q: next })} />
      <ReportPresets catalogue={catalogue} chosen={{ q: query, rows, columns }} onChoose={change} />
      {error !== null && <Failed error={error} onRetry={() => void refetch()} />}
      {data !== undefined && error === null && (
        <ReportTable {...{ pivot, rows, columns, query, zone, tenant }} bucket={bucket} />
      )}
      {data?.complete === false && (
        <p className="hint">
          Only the newest matches are counted: with words, a viewer's search leaves out personal data entry by entry.
        </p>
      )}
    </div>
  );
}

/** What can be grouped by: fields with few values, and those that the logs name as their filters and columns. */
function choices(catalogue: Catalogue | undefined): readonly string[] {
  const named = Object.values(catalogue?.logs ?? {}).flatMap(({ list }) => [
    ...(list.filters ?? []),
    ...(list.columns ?? []),
  ]);
  const own = ["time", "recorded", "sentence", "changes", "message"];
  return [...new Set([...usual, ...named])].filter((name) => !own.includes(name));
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly fields: readonly string[];
  readonly buckets?: boolean;
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, fields, buckets: hasBuckets = false, onChange }: ChoiceProps) {
  const known = fields.includes(value) || (hasBuckets && buckets.some((unit) => unit === value));
  return (
    <label className="choice">
      <span className="muted small">{label}</span>
      <select className="select" value={value} onChange={({ target }) => onChange(target.value)}>
        {!known && <option>{value}</option>}
        {fields.map((name) => (
          <option key={name} value={name}>
            {visibleText(fieldTitle(name))}
            {name.includes(".") ? ` (${visibleText(name)})` : ""}
          </option>
        ))}
        {hasBuckets &&
          buckets.map((unit) => (
            <option key={unit} value={unit}>
              By {unit}
            </option>
          ))}
      </select>
    </label>
  );
}
