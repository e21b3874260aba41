import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useMemo, useRef, useState, type RefObject } from "react";

import type { Entry } from "../api/types.ts";
import { timesIn } from "../kit/times.ts";
import { visibleText } from "../kit/visible-text.ts";
import type { AddTerm } from "./chips.tsx";
import { columnOf, type Column } from "./columns.tsx";
import { useZone } from "../state/zone.ts";

interface EntryListProps {
  readonly entries: readonly Entry[];
  readonly columns: readonly Column[];
  readonly selected: string | undefined;
  /** Positions that have just arrived. */
  readonly fresh?: ReadonlySet<number>;
  readonly hrefOf: (entry: Entry) => string;
  readonly onOpen: (entry: Entry) => void;
  readonly onAdd: AddTerm | undefined;
  /** The end of what was read is near. */
  readonly onEnd: () => void;
  readonly isLoading: boolean;
  readonly label: string;
}

type Line = { readonly kind: "day"; readonly day: string } | { readonly kind: "entry"; readonly entry: Entry };

const heights = { day: 30, plain: 38, sentence: 50, card: 68, chain: 94 };
/** Below this width a row is a card, which is made of the same few columns in every log. */
const cardWidth = 700;
/** And below this one, a chain of actors has a line of its own. */
const slimWidth = 460;
/** How many lines before the end the next page is asked for: a hand that flings the list is to meet no end. */
const nearEnd = 60;
const cardColumns = ["sentence", "time", "outcome", "actor"].map(columnOf);

/** A table of entries of which only what is on the screen is in the document. */
export function EntryList(props: EntryListProps) {
  const { entries, selected, fresh, hrefOf, onOpen, onAdd, onEnd, isLoading, label } = props;
  const zone = useZone();
  const lines = useMemo(() => splitDays(entries, zone), [entries, zone]);
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const [isNarrow, isSlim] = [width < cardWidth, width < slimWidth];
  const columns = isNarrow ? cardColumns : props.columns;
  const high = isNarrow
    ? heights.card
    : columns.some(({ name }) => name === "sentence")
      ? heights.sentence
      : heights.plain;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const line = lines[index];
      if (line?.kind === "day") return heights.day;
      return isSlim && line !== undefined && isChain(line.entry) ? heights.chain : high;
    },
    getItemKey: (index) => {
      const line = lines[index]!;
      return line.kind === "day" ? `${line.day} ${index}` : line.entry.seq;
    },
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [virtual, high, isSlim]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= lines.length - nearEnd) onEnd();
  }, [last, lines.length, onEnd]);
  useEffect(() => {
    const index = lines.findIndex((line) => line.kind === "entry" && line.entry.event.id === selected);
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
  }, [selected, isNarrow, isSlim]);
  const grid = columns.map(({ width }) => width).join(" ");
  return (
    <div
      className={`entry-list${isNarrow ? " is-narrow" : ""}${isSlim ? " is-slim" : ""}`}
      role="table"
      aria-label={label}
      aria-rowcount={-1}
      aria-busy={isLoading}
    >
      <div role="rowgroup">
        <div className="entry-head" role="row" style={{ gridTemplateColumns: grid }}>
          {columns.map(({ name, title }) => (
            <span key={name} role="columnheader">
              {visibleText(title)}
            </span>
          ))}
        </div>
      </div>
      <div className="entry-scroll" ref={scroller} role="rowgroup" tabIndex={-1}>
        <div role="presentation" className="entry-space" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, key, start, size }) => {
            const line = lines[index]!;
            if (line.kind === "day") {
              const place = { transform: `translateY(${start}px)`, height: size };
              return (
                <div key={key} className="entry-day" role="row" style={place}>
                  <span role="cell">{line.day}</span>
                </div>
              );
            }
            const { entry } = line;
            return (
              <EntryRow
                key={key}
                {...{ entry, columns, grid, start, size, onOpen, onAdd }}
                href={hrefOf(entry)}
                isSelected={entry.event.id === selected}
                isFresh={fresh?.has(entry.seq) === true}
              />
            );
          })}
        </div>
        {isLoading && <p className="loading-more">Reading more…</p>}
      </div>
    </div>
  );
}

interface EntryRowProps extends Pick<EntryListProps, "columns" | "onOpen" | "onAdd"> {
  readonly entry: Entry;
  readonly grid: string;
  readonly start: number;
  readonly size: number;
  readonly href: string;
  readonly isSelected: boolean;
  readonly isFresh: boolean;
}

/** Kept as it is while the list scrolls: of some forty rows, a frame brings a few that are new. */
const EntryRow = memo(function EntryRow(props: EntryRowProps) {
  const { entry, columns, grid, start, size, href, isSelected, isFresh, onOpen, onAdd } = props;
  return (
    <div
      role="row"
      className={`entry-row is-${entry.event.outcome}${isFresh ? " is-fresh" : ""}`}
      aria-current={isSelected ? "true" : undefined}
      data-seq={entry.seq}
      style={{ transform: `translateY(${start}px)`, height: size, gridTemplateColumns: grid }}
      onClick={(event) => {
        // The link inside is for the keyboard, the middle button and "open in a new tab".
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onOpen(entry);
      }}
    >
      {columns.map((column, at) => (
        <span key={column.name} role="cell" className={`cell cell-${column.name.split(".")[0]}`}>
          {at === 0 && <a className="row-link" href={href} aria-label={visibleText(entry.sentence.slice(0, 160))} />}
          {column.cell(entry, onAdd)}
        </span>
      ))}
    </div>
  );
});

const isChain = ({ event }: Entry): boolean => (event.onBehalfOf ?? []).length > 0;

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(innerWidth);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** Entries with a line before each day. */
function splitDays(entries: readonly Entry[], zone: string): readonly Line[] {
  const times = timesIn(zone);
  const lines: Line[] = [];
  let current = "";
  for (const entry of entries) {
    const key = times.dayKey(entry.event.occurredAt);
    if (key !== current) lines.push({ kind: "day", day: times.day(entry.event.occurredAt) });
    current = key;
    lines.push({ kind: "entry", entry });
  }
  return lines;
}
