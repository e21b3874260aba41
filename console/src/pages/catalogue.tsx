import { Link } from "wouter";

import { useCatalogue, useCounts } from "../api/reading.ts";
import type { Json, LogDescription } from "../api/types.ts";
import { EventText } from "../kit/event-text.tsx";
import { visibleText } from "../kit/visible-text.ts";
import { Failed } from "../parts/empty-state.tsx";
import { linkTo } from "../state/address.ts";
import { termOf } from "../state/query-text.ts";

/** Everything that is recorded: each action with its meaning, its guarantee and how often it came. */
export function CataloguePage() {
  const { data: catalogue, error } = useCatalogue();
  const { data: counts } = useCounts({ tenant: undefined, query: "", zone: "UTC" }, ["action"]);
  const counted = new Map(counts?.rows.map(({ keys: [action], count }) => [action, count]));
  return (
    <div className="page catalogue-page">
      <header className="page-head">
        <h1>Catalogue</h1>
        <p className="muted">What this application records, and what each of it means.</p>
      </header>
      {error !== null && <Failed error={error} />}
      {Object.entries(catalogue?.logs ?? {}).map(([name, log]) => (
        <LogSection key={name} name={name} log={log} counted={counted} />
      ))}
      {catalogue !== undefined && (
        <section className="panel" aria-labelledby="fields-title">
          <h2 id="fields-title">Fields of queries</h2>
          <dl className="field-list">
            {catalogue.fields.map((field) => (
              <div key={field.name}>
                <dt>
                  <code>{field.name}</code>
                  {field.personal && <span className="tag">personal</span>}
                </dt>
                <dd>
                  {field.says} {field.values !== undefined && <span className="muted">{field.values.join(", ")}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

interface LogSectionProps {
  readonly name: string;
  readonly log: LogDescription;
  readonly counted: ReadonlyMap<string | null | undefined, number>;
}

function LogSection({ name, log, counted }: LogSectionProps) {
  const actions = Object.entries(log.actions);
  return (
    <section className="panel" aria-labelledby={`log-${name}`}>
      <header className="section-head">
        <h2 id={`log-${name}`}>
          <Link href={`/log/${encodeURIComponent(name)}`}>
            <EventText text={log.title} atMost={80} cuts />
          </Link>{" "}
          <code className="muted">{visibleText(name)}</code>
        </h2>
        <p className="muted small">
          {log.readers === "restricted" ? "Restricted readers" : "All staff"} · kept{" "}
          {log.retainDays === null ? "for ever" : `${log.retainDays} days`}
          {log.open ? " · also takes actions that are not listed" : ""}
        </p>
      </header>
      {actions.length > 0 && (
        <div className="report-scroll">
          <table className="report plain">
            <thead>
              <tr>
                <th scope="col">Action</th>
                <th scope="col">Reads as</th>
                <th scope="col">Does</th>
                <th scope="col">Guarantee</th>
                <th scope="col">Reason</th>
                <th scope="col">Data</th>
                <th scope="col" className="number">
                  Events
                </th>
              </tr>
            </thead>
            <tbody>
              {actions.map(([action, described]) => (
                <tr key={action}>
                  <th scope="row">
                    <code>{visibleText(action)}</code>
                    {described.version > 1 && <span className="muted small"> v{described.version}</span>}
                  </th>
                  <td>
                    <EventText text={described.says} atMost={200} />
                  </td>
                  <td>{described.op}</td>
                  <td>{described.guarantee}</td>
                  <td>{described.reason}</td>
                  <td className="muted small">{membersOf(described.data).join(", ") || "–"}</td>
                  <td className="number">
                    <Link href={linkTo("/", { q: termOf("action", `${name}.${action}`) })}>
                      {(counted.get(`${name}.${action}`) ?? 0).toLocaleString("en")}
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** The members that a JSON Schema describes, by name. */
function membersOf(schema: Json | undefined): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as { readonly properties?: Json };
  return typeof properties === "object" && properties !== null ? Object.keys(properties).map(visibleText) : [];
}
