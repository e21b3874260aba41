import { Link } from "wouter";

import type { BucketUnit } from "../api/types.ts";
import { EventText } from "../kit/event-text.tsx";
import { fieldTitle } from "../kit/field-values.ts";
import { bucketLengthMs } from "../kit/times.ts";
import { linkTo } from "../state/address.ts";
import type { Key, Pivot } from "../state/pivot.ts";
import { joinParts, termOf } from "../state/query-text.ts";
import { bucketName } from "./histogram-bars.ts";

interface ReportTableProps {
  readonly pivot: Pivot;
  /** The field, or the time bucket, that goes down; and the one that goes across. */
  readonly rows: string;
  readonly columns: string;
  readonly bucket: BucketUnit | undefined;
  readonly query: string;
  readonly zone: string;
  readonly tenant: string | undefined;
}

const knownOutcomes = ["success", "failure", "denied", "unknown"];

export function ReportTable({ pivot, rows, columns, bucket, query, zone, tenant }: ReportTableProps) {
  const most = Math.max(1, ...pivot.rows.map(({ total }) => total));
  const hasColumns = columns !== "none";
  const termFor = (key: Key): string => (bucket === undefined ? termOf(rows, key) : spanOf(key ?? "", bucket, zone));
  const link = (...terms: readonly string[]) => linkTo("/", { q: joinParts(query, ...terms), tenant, zone });
  const name = (key: Key) => (bucket !== undefined && key !== null ? bucketName(key, bucket, zone) : (key ?? "none"));
  if (pivot.total === 0) return <p className="hint">Nothing matches.</p>;
  return (
    <div className="report-scroll">
      <table className="report">
        <thead>
          <tr>
            <th scope="col">
              {bucket === undefined ? <EventText text={fieldTitle(rows)} atMost={60} cuts /> : `By ${bucket}`}
            </th>
            <th scope="col" className="report-bar-head">
              <span className="visually-hidden">Share</span>
            </th>
            {hasColumns &&
              pivot.columns.map((key) => (
                <th key={key} scope="col" className="number">
                  <EventText text={key ?? "none"} atMost={40} cuts />
                </th>
              ))}
            <th scope="col" className="number">
              Total
            </th>
          </tr>
        </thead>
        <tbody>
          {pivot.rows.map(({ key, cells, total }) => (
            <tr key={key}>
              <th scope="row">
                <EventText text={name(key)} atMost={80} cuts />
              </th>
              <td className="report-bar">
                <span className="report-bars" style={{ width: `${(100 * total) / most}%` }} aria-hidden="true">
                  {cells.map((count, index) => (
                    <span
                      key={index}
                      className={barClass(columns, pivot.columns[index] ?? null, index)}
                      style={{ flexGrow: count }}
                    />
                  ))}
                </span>
              </td>
              {hasColumns &&
                cells.map((count, index) => (
                  <td key={index} className="number">
                    {count === 0 ? (
                      <span className="muted">·</span>
                    ) : (
                      <Link href={link(termFor(key), termOf(columns, pivot.columns[index] ?? null))}>
                        {count.toLocaleString("en")}
                      </Link>
                    )}
                  </td>
                ))}
              <td className="number total">
                <Link href={link(termFor(key))}>{total.toLocaleString("en")}</Link>
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <td className="report-bar" />
            {hasColumns &&
              pivot.totals.map((count, index) => (
                <td key={index} className="number">
                  <Link href={link(termOf(columns, pivot.columns[index] ?? null))}>{count.toLocaleString("en")}</Link>
                </td>
              ))}
            <td className="number total">
              <Link href={link()}>{pivot.total.toLocaleString("en")}</Link>
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function barClass(columns: string, key: Key, index: number): string {
  if (columns === "outcome" && key !== null && knownOutcomes.includes(key)) return `fill fill-${key}`;
  return `fill fill-${index % 6}`;
}

/** The bucket as a term. Days and longer are named by their date, which keeps the days on which clocks are changed whole. */
function spanOf(begins: string, bucket: BucketUnit, zone: string): string {
  const day = new Intl.DateTimeFormat("sv-SE", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    timeZone: zone,
  }).format(new Date(begins));
  if (bucket === "day") return `time:${day}`;
  if (bucket === "month") return `time:${day.slice(0, 7)}`;
  if (bucket === "year") return `time:${day.slice(0, 4)}`;
  if (bucket === "week") return `time:${day}..${new Date(Date.parse(day) + 6 * 86_400_000).toISOString().slice(0, 10)}`;
  const until = new Date(Date.parse(begins) + bucketLengthMs(bucket)).toISOString();
  return `(time:>=${begins} time:<${until})`;
}
