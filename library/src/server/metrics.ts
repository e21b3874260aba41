/** Counters of the server, and how they are written for Prometheus (text format 0.0.4). */

import type { Backlog } from "../trail/contracts.ts";
import type { Health } from "../trail/types.ts";

export interface Metrics {
  noteRequest(route: string, status: number, seconds: number): void;
  noteEvents(recorded: number, refused: number): void;
  /** Something long begins; call what it gives when that ends. `undefined` where there are `most` of them already. */
  open(kind: "tail" | "export", most: number): (() => void) | undefined;
  format(now: MetricsNow): string;
}

/** What is known at the moment of asking. */
export interface MetricsNow {
  readonly health: Health;
  readonly trails: readonly { readonly tenant: string; readonly size: number }[];
  readonly lagSeconds: number | undefined;
  readonly unrecordedReads: number;
  /** Of a store that gives positions after the commit. */
  readonly backlog: Backlog | undefined;
}

const mostTrails = 100;

export function createMetrics(): Metrics {
  const requests = new Map<string, { count: number; seconds: number; readonly labels: string }>();
  const opened = { tail: 0, export: 0 };
  const events = { recorded: 0, refused: 0 };
  return {
    noteRequest(route, status, seconds) {
      const labels = `{route="${route}",status="${status}"}`;
      const known = requests.get(labels) ?? { count: 0, seconds: 0, labels };
      known.count += 1;
      known.seconds += seconds;
      requests.set(labels, known);
    },
    noteEvents(recorded, refused) {
      events.recorded += recorded;
      events.refused += refused;
    },
    open(kind, most) {
      if (opened[kind] >= most) return undefined;
      opened[kind] += 1;
      let isOpen = true;
      return () => {
        if (isOpen) opened[kind] -= 1;
        isOpen = false;
      };
    },
    format({ health, trails, lagSeconds, unrecordedReads, backlog }) {
      const all = [...requests.values()];
      return [
        family(
          "http_requests_total",
          "counter",
          "Requests answered.",
          all.map(({ labels, count }) => [labels, count]),
        ),
        family(
          "http_request_seconds_total",
          "counter",
          "Time spent on them.",
          all.map(({ labels, seconds }) => [labels, seconds]),
        ),
        one("http_events_recorded_total", "counter", "Events taken in over HTTP.", events.recorded),
        one("http_events_refused_total", "counter", "Events refused over HTTP.", events.refused),
        one("recorded_total", "counter", "Events recorded by this process.", health.recorded),
        one("refused_total", "counter", "Events refused because neither store nor spool took them.", health.refused),
        one("lost_total", "counter", "Events accepted and lost.", health.lost),
        one("unknown_actors_total", "counter", "Events recorded without an actor.", health.unknownActors),
        one("waiting_events", "gauge", "Events accepted and not on disk yet.", health.waiting),
        one("spooled_events", "gauge", "Events in the spool.", health.spooled),
        one("spooled_bytes", "gauge", "Size of the spool.", health.spoolBytes),
        one("degraded", "gauge", "1 while the store fails.", health.state === "ok" ? 0 : 1),
        ...(lagSeconds === undefined
          ? []
          : [one("ingest_lag_seconds", "gauge", "From happening to recording, of the newest entry.", lagSeconds)]),
        ...(backlog === undefined ? [] : formatBacklog(backlog)),
        ...(health.placing === undefined
          ? []
          : [
              one(
                "placing_failures_total",
                "counter",
                "Rounds of giving positions that failed.",
                health.placing.failures,
              ),
            ]),
        family(
          "trail_entries",
          "gauge",
          "Entries of a trail.",
          trails.slice(0, mostTrails).map(({ tenant, size }) => [`{tenant="${escapeLabel(tenant)}"}`, size]),
        ),
        one("open_tails", "gauge", "Live tails being followed.", opened.tail),
        one("open_exports", "gauge", "Exports under way.", opened.export),
        one("unrecorded_reads_total", "counter", "Reads that could not be recorded.", unrecordedReads),
      ].join("");
    },
  };
}

function formatBacklog({ waiting, lagMs, refused }: Backlog): readonly string[] {
  return [
    one("unplaced_events", "gauge", "Events that are committed and wait for their position.", waiting),
    one("placing_lag_seconds", "gauge", "How long the first of them has waited.", lagMs / 1000),
    one("refused_after_commit", "gauge", "Events that cannot be entries, because another event has their id.", refused),
  ];
}

type Kind = "counter" | "gauge";

function one(name: string, kind: Kind, says: string, value: number): string {
  return family(name, kind, says, [["", value]]);
}

function family(name: string, kind: Kind, says: string, values: readonly (readonly [string, number])[]): string {
  if (values.length === 0) return "";
  const lines = values.map(([labels, value]) => `auditrail_${name}${labels} ${value}\n`).join("");
  return `# HELP auditrail_${name} ${says}\n# TYPE auditrail_${name} ${kind}\n${lines}`;
}

function escapeLabel(text: string): string {
  return text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`);
}
