import { isTimePart, partsOf, withTime } from "../state/query-text.ts";

const spans: readonly (readonly [string, string])[] = [
  ["All time", ""],
  ["Last hour", "after:now-1h"],
  ["Today", "time:today"],
  ["Yesterday", "time:yesterday"],
  ["Last 24 hours", "after:now-24h"],
  ["Last 7 days", "after:now-7d"],
  ["Last 30 days", "after:now-30d"],
];

interface TimeSelectProps {
  readonly query: string;
  /** Given the query with the time that was chosen. */
  readonly onChange: (query: string) => void;
}

/** The time that a query asks for, of those that people mostly want. */
export function TimeSelect({ query, onChange }: TimeSelectProps) {
  const [span = ""] = partsOf(query).filter(isTimePart);
  const isListed = spans.some(([, term]) => term === span);
  return (
    <select
      className="select"
      aria-label="Time"
      value={isListed ? span : "own"}
      onChange={({ target }) => onChange(withTime(query, target.value))}
    >
      {spans.map(([says, term]) => (
        <option key={term} value={term}>
          {says}
        </option>
      ))}
      {!isListed && <option value="own">Own span</option>}
    </select>
  );
}
