import { useFacets, type Asking } from "../api/reading.ts";
import type { Facet } from "../api/types.ts";
import { EventText } from "../kit/event-text.tsx";
import { fieldTitle } from "../kit/field-values.ts";
import { Icon } from "../kit/icon.tsx";
import { visibleText } from "../kit/visible-text.ts";
import { negated, partsOf, termOf, withoutPart, withPart } from "../state/query-text.ts";

interface FacetsProps {
  readonly asking: Asking;
  /** What is more urgent is there: until then nothing is counted. */
  readonly mayRead: boolean;
  /** The query that the reader changes: `asking` may hold more than that. */
  readonly query: string;
  readonly fields: readonly string[];
  readonly names: ReadonlyMap<string, string>;
  readonly onChange: (query: string) => void;
}

/** The most frequent values of a few fields, each to be asked for or left out. */
export function Facets({ asking, mayRead, query, fields, names, onChange }: FacetsProps) {
  const { data, isPlaceholderData } = useFacets(asking, fields, mayRead);
  return (
    <div className={`facets${isPlaceholderData ? " is-stale" : ""}`}>
      {(data?.facets ?? [])
        .filter(({ values }) => values.length > 0)
        .map((facet) => (
          <FacetGroup key={facet.field} facet={facet} query={query} names={names} onChange={onChange} />
        ))}
      {data !== undefined && data.leftOut.length > 0 && (
        <p className="hint">
          Left out, because it is personal data: {data.leftOut.map(({ field }) => fieldTitle(field)).join(", ")}.
        </p>
      )}
    </div>
  );
}

interface FacetGroupProps {
  readonly facet: Facet;
  readonly query: string;
  readonly names: ReadonlyMap<string, string>;
  readonly onChange: (query: string) => void;
}

function FacetGroup({ facet: { field, values, others, complete }, query, names, onChange }: FacetGroupProps) {
  const parts = partsOf(query);
  const most = Math.max(1, ...values.map(({ count }) => count));
  return (
    <section className="facet" aria-label={fieldTitle(field)}>
      <h3>
        {fieldTitle(field)}
        {!complete && <span className="muted"> · of the newest</span>}
      </h3>
      <ul>
        {values.map(({ value, count }) => {
          const term = termOf(field, value);
          const isAsked = parts.includes(term);
          const isLeftOut = parts.includes(negated(term));
          const label = value === null ? "none" : (names.get(`${field} ${value}`) ?? value);
          return (
            <li key={term} className={isAsked ? "is-asked" : isLeftOut ? "is-left-out" : ""}>
              <button
                type="button"
                className="facet-value"
                aria-pressed={isAsked}
                title={visibleText(value ?? "none").slice(0, 300)}
                onClick={() => onChange(isAsked ? withoutPart(query, term) : withPart(query, term))}
              >
                <meter className="facet-bar" aria-hidden="true" min={0} max={most} value={count} />
                <span className={`facet-label${value === null ? " muted" : ""}`}>
                  {field === "outcome" && value !== null && <span className={`dot dot-${value}`} />}
                  <EventText text={label} atMost={60} cuts />
                </span>
                <span className="facet-count">{count.toLocaleString("en")}</span>
              </button>
              <button
                type="button"
                className="icon-button facet-exclude"
                aria-pressed={isLeftOut}
                aria-label={`Leave out ${visibleText(label).slice(0, 80)}`}
                title="Leave out"
                onClick={() =>
                  onChange(
                    isLeftOut ? withoutPart(query, negated(term)) : withPart(withoutPart(query, term), negated(term)),
                  )
                }
              >
                <Icon name="minus" />
              </button>
            </li>
          );
        })}
      </ul>
      {others > 0 && (
        <p className="hint">
          {others.toLocaleString("en")} more: search for {field}:
        </p>
      )}
    </section>
  );
}
