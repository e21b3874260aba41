import { Icon } from "../kit/icon.tsx";
import { EventText } from "../kit/event-text.tsx";
import { visibleText } from "../kit/visible-text.ts";
import { isNegated, joinParts, negated, partsOf } from "../state/query-text.ts";

/** The terms of the query, one chip for each: a click turns it round, the cross drops it. */
export function QueryChips({
  query,
  onChange,
}: {
  readonly query: string;
  readonly onChange: (query: string) => void;
}) {
  const parts = partsOf(query);
  if (parts.length === 0) return null;
  const replace = (index: number, ...by: readonly string[]) => onChange(joinParts(...parts.toSpliced(index, 1, ...by)));
  return (
    <ul className="query-chips" aria-label="Filters">
      {parts.map((part, index) => (
        <li key={part} className={`query-chip${isNegated(part) ? " is-negated" : ""}`}>
          <button
            type="button"
            title={isNegated(part) ? "Left out: click to ask for it" : "Asked for: click to leave it out"}
            onClick={() => replace(index, negated(part))}
          >
            {isNegated(part) && <span className="chip-not">not</span>}
            <EventText text={isNegated(part) ? part.slice(1) : part} atMost={80} cuts />
          </button>
          <button type="button" aria-label={`Drop ${visibleText(part)}`} onClick={() => replace(index)}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
