import { useState } from "react";

import { useCatalogue } from "../api/reading.ts";
import { fieldTitle } from "../kit/field-values.ts";
import { Icon } from "../kit/icon.tsx";
import { Menu } from "../kit/menu.tsx";
import { visibleText } from "../kit/visible-text.ts";

interface ColumnPickerProps {
  readonly chosen: readonly string[];
  readonly defaults: readonly string[];
  /** `undefined` goes back to what the catalogue says. */
  readonly onChange: (columns: readonly string[] | undefined) => void;
}

const offered = [
  "time",
  "outcome",
  "sentence",
  "action",
  "actor",
  "target",
  "changes",
  "severity",
  "reason",
  "duration",
  "source",
  "ip",
  "operation",
  "seq",
];

export function ColumnPicker({ chosen, defaults, onChange }: ColumnPickerProps) {
  const [own, setOwn] = useState("");
  const { data: catalogue } = useCatalogue();
  const names = [...new Set([...defaults, ...chosen, ...offered])];
  const toggle = (name: string) => {
    const next = chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name];
    if (next.length > 0) onChange(next);
  };
  return (
    <Menu
      align="right"
      title="Columns"
      label={
        <>
          <Icon name="columns" />
          <span className="only-wide">Columns</span>
        </>
      }
    >
      {() => (
        <div className="column-picker">
          {names.map((name) => (
            <label key={name} className="check">
              <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
              <span>{visibleText(fieldTitle(name))}</span>
            </label>
          ))}
          <form
            className="own-column"
            onSubmit={(event) => {
              event.preventDefault();
              if (own.trim() !== "" && !chosen.includes(own.trim())) onChange([...chosen, own.trim()]);
              setOwn("");
            }}
          >
            <input
              aria-label="Another field"
              placeholder="data.amount"
              value={own}
              list="column-fields"
              onChange={({ target }) => setOwn(target.value)}
            />
            <datalist id="column-fields">
              {catalogue?.fields.map(({ name }) => (
                <option key={name} value={name} />
              ))}
            </datalist>
            <button type="submit" className="button">
              Add
            </button>
          </form>
          <button type="button" className="link-button" onClick={() => onChange(undefined)}>
            As the catalogue says
          </button>
        </div>
      )}
    </Menu>
  );
}
