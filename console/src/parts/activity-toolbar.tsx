import type { Asking } from "../api/reading.ts";
import { address } from "../api/request.ts";
import type { Tail } from "../api/tail.ts";
import type { LogDescription } from "../api/types.ts";
import { EventText } from "../kit/event-text.tsx";
import { Icon } from "../kit/icon.tsx";
import { Menu } from "../kit/menu.tsx";
import { changeSettings, ownZone, useSettings } from "../state/settings.ts";
import { chooseZone } from "../state/zone.ts";
import { ColumnPicker } from "./column-picker.tsx";
import { SaveSearch } from "./save-search.tsx";
import { TimeSelect } from "./time-select.tsx";

interface ActivityToolbarProps {
  readonly title: string;
  readonly description: LogDescription | undefined;
  readonly query: string;
  readonly tenant: string | undefined;
  readonly asking: Asking;
  readonly isLive: boolean;
  readonly isPaused: boolean;
  readonly tail: Tail;
  /** How many have arrived since the pause. */
  readonly waiting: number;
  readonly columnNames: readonly string[];
  readonly defaultColumns: readonly string[];
  readonly areFacetsOpen: boolean;
  readonly setLive: (on: boolean) => void;
  readonly onPause: (on: boolean) => void;
  readonly onColumns: (columns: readonly string[] | undefined) => void;
  /** Given the query with another time. */
  readonly onTime: (query: string) => void;
  readonly onFacets: () => void;
}

export function ActivityToolbar(props: ActivityToolbarProps) {
  const { title, description, query, asking, columnNames, defaultColumns, areFacetsOpen, onColumns, onTime, onFacets } =
    props;
  const { zone } = asking;
  const { timeStyle } = useSettings();
  return (
    <header className="page-head">
      <h1>
        <EventText text={title} atMost={60} cuts />
        {description?.readers === "restricted" && <span className="tag">restricted</span>}
      </h1>
      <div className="toolbar">
        <button type="button" className="button only-narrow" aria-expanded={areFacetsOpen} onClick={onFacets}>
          Filters
        </button>
        <TimeSelect query={query} onChange={onTime} />
        <LiveSwitch {...props} />
        <button
          type="button"
          className="button only-wide"
          title="Relative or absolute times ( t )"
          onClick={() => changeSettings({ timeStyle: timeStyle === "relative" ? "absolute" : "relative" })}
        >
          <Icon name="clock" />
          {timeStyle === "relative" ? "ago" : "exact"}
        </button>
        <button
          type="button"
          className="button only-wide zone-switch"
          title="Change the time zone"
          onClick={() => chooseZone(zone === "UTC" ? ownZone : "UTC")}
        >
          {zone}
        </button>
        <div className="only-wide">
          <ColumnPicker chosen={columnNames} defaults={defaultColumns} onChange={onColumns} />
        </div>
        <Menu
          align="right"
          title="Export"
          label={
            <>
              <Icon name="download" />
              <span className="only-wide">Export</span>
            </>
          }
        >
          {() => (
            <>
              <a
                className="menu-item"
                href={address("export", {
                  ...asking,
                  format: "csv",
                  columns: exportColumns(columnNames).join(","),
                })}
                download
              >
                CSV, for spreadsheets
              </a>
              <a className="menu-item" href={address("export", { ...asking, format: "jsonl" })} download>
                JSON Lines, whole entries
              </a>
            </>
          )}
        </Menu>
        <SaveSearch query={asking.query} columns={columnNames === defaultColumns ? undefined : columnNames} />
      </div>
    </header>
  );
}

/** What the list shows, and what a row needs to be found again. */
function exportColumns(shown: readonly string[]): readonly string[] {
  return [...new Set(["seq", ...shown, "action", "sentence"])];
}

function LiveSwitch({ isLive, isPaused, tail, waiting, setLive, onPause }: ActivityToolbarProps) {
  return (
    <>
      <button
        type="button"
        className={`button live${isLive ? " is-live" : ""}`}
        aria-pressed={isLive}
        onClick={() => setLive(!isLive)}
      >
        <span className={`live-dot state-${tail.state}`} />
        Live
      </button>
      {isLive && (
        <button type="button" className="button" aria-pressed={isPaused} onClick={() => onPause(!isPaused)}>
          <Icon name={isPaused ? "play" : "pause"} />
          {isPaused ? (waiting > 0 ? `${waiting} new` : "Go on") : "Pause"}
        </button>
      )}
      <span className="visually-hidden" role="status">
        {isLive ? `Live: ${tail.entries.length} arrived` : ""}
      </span>
    </>
  );
}
