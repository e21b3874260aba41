import { useRef, useState, type PointerEvent } from "react";

import { useHistogram, type Asking } from "../api/reading.ts";
import { outcomes } from "../kit/outcome.tsx";
import { axisTicks, bucketName, placeBars, type PlacedBar } from "./histogram-bars.ts";

interface HistogramProps {
  readonly asking: Asking;
  /** What is more urgent is there: until then nothing is counted. */
  readonly mayRead: boolean;
  /** A query value for `time:`. */
  readonly onZoom: (time: string) => void;
}

const [width, height] = [1000, 72];

/** How many when, stacked by outcome. Dragging over it asks for that time. */
export function HistogramChart({ asking, mayRead, onZoom }: HistogramProps) {
  const { data } = useHistogram(asking, mayRead);
  const chart = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<readonly [number, number] | undefined>();
  const [pointed, setPointed] = useState<PlacedBar | undefined>();
  const placed = data === undefined ? undefined : placeBars(data);
  if (placed === undefined || data === undefined) return <div className="histogram is-empty" />;

  const shareAt = ({ clientX }: PointerEvent): number => {
    const box = chart.current!.getBoundingClientRect();
    return Math.max(0, Math.min(1, (clientX - box.left) / box.width));
  };
  const instant = (share: number): string =>
    new Date(placed.from + share * (placed.until - placed.from)).toISOString().replace(/\.\d+Z$/, "Z");
  function finish(event: PointerEvent): void {
    if (drag === undefined) return;
    const [from, until] = [Math.min(drag[0], shareAt(event)), Math.max(drag[0], shareAt(event))];
    setDrag(undefined);
    const bar = placed!.bars.find(({ x, width: wide }) => from >= x && from < x + wide);
    // A press without a drag asks for the bar it was on.
    if (until - from > 0.004) onZoom(`${instant(from)}..${instant(until)}`);
    else if (bar !== undefined) onZoom(`${instant(bar.x)}..${instant(bar.x + bar.width)}`);
  }

  const total = data.bars.reduce((sum, { count }) => sum + count, 0);
  const failures = data.bars.reduce(
    (sum, bar) => sum + (bar.outcomes["failure"] ?? 0) + (bar.outcomes["denied"] ?? 0),
    0,
  );
  return (
    <figure className="histogram">
      <figcaption>
        <strong>{total.toLocaleString("en")}</strong> {total === 1 ? "event" : "events"}, by {data.bucket}
        {pointed !== undefined && <PointedBar pointed={pointed} unit={data.bucket} zone={asking.zone} />}
        {!data.complete && <span className="muted"> · only the newest are counted</span>}
      </figcaption>
      <svg
        ref={chart}
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${total} events over time, ${failures} of them failed or denied. The same as numbers: see Reports.`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([shareAt(event), shareAt(event)]);
        }}
        onPointerMove={(event) => {
          const share = shareAt(event);
          setPointed(placed.bars.find(({ x, width: wide }) => share >= x && share < x + wide));
          if (drag !== undefined) setDrag([drag[0], share]);
        }}
        onPointerUp={finish}
        onPointerLeave={() => setPointed(undefined)}
      >
        {placed.bars.map((one) => (
          <StackedBar key={one.bar.begins} placed={one} isPointed={one.bar === pointed?.bar} />
        ))}
        {drag !== undefined && (
          <rect
            className="histogram-drag"
            x={Math.min(...drag) * width}
            width={Math.abs(drag[1] - drag[0]) * width}
            height={height}
          />
        )}
      </svg>
      <div className="histogram-axis" aria-hidden="true">
        {axisTicks(placed).map((tick) => (
          <span key={tick}>{bucketName(tick, data.bucket, asking.zone)}</span>
        ))}
      </div>
    </figure>
  );
}

function StackedBar({ placed, isPointed }: { readonly placed: PlacedBar; readonly isPointed: boolean }) {
  const { bar, x, width: wide, height: high } = placed;
  const gap = Math.min(2, wide * width * 0.15);
  let top = height;
  return (
    <g className={isPointed ? "is-pointed" : ""}>
      {outcomes.map((outcome) => {
        const share = (bar.outcomes[outcome] ?? 0) / bar.count;
        // One failure among a thousand successes has to be seen.
        const size = share === 0 ? 0 : Math.max(2, share * high * (height - 2));
        top -= size;
        return (
          size > 0 && (
            <rect
              key={outcome}
              className={`bar bar-${outcome}`}
              x={x * width + gap / 2}
              y={top}
              width={Math.max(1, wide * width - gap)}
              height={size}
            />
          )
        );
      })}
    </g>
  );
}

interface PointedBarProps {
  readonly pointed: PlacedBar;
  readonly unit: Parameters<typeof bucketName>[1];
  readonly zone: string;
}

function PointedBar({ pointed: { bar }, unit, zone }: PointedBarProps) {
  return (
    <span className="histogram-pointed">
      {bucketName(bar.begins, unit, zone)}:{" "}
      {outcomes
        .filter((outcome) => (bar.outcomes[outcome] ?? 0) > 0)
        .map((outcome) => `${bar.outcomes[outcome]} ${outcome}`)
        .join(", ")}
    </span>
  );
}
