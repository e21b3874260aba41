/** Line icons, 16 by 16. They say nothing alone: the word stands beside them, or is the button's label. */

import { outcomePaths } from "./outcome-paths.ts";

const paths = {
  ...outcomePaths,
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5L14 14",
  close: "M4 4l8 8M12 4l-8 8",
  minus: "M3.5 8h9",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  down: "M3 6l5 5 5-5",
  link: "M6.5 9.5l3-3M7 4.5l1.3-1.3a2.6 2.6 0 0 1 3.7 3.7L10.7 8.2M9 11.5l-1.3 1.3A2.6 2.6 0 0 1 4 9.1l1.3-1.3",
  copy: "M6 6h7v7H6zM3 10V3h7",
  play: "M5 3.5v9l7-4.5z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  activity: "M2 4h12M2 8h12M2 12h8",
  log: "M3.5 2h9v12h-9zM6 5.5h4M6 8.5h4",
  report: "M2.5 13.5h11M4.5 13V8M8 13V3.5M11.5 13V6",
  book: "M3 3h4.2c.5 0 .8.4.8.8V13c0-.6-.4-1-1-1H3zM13 3H8.8c-.5 0-.8.4-.8.8V13c0-.6.4-1 1-1h4z",
  people:
    "M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM2 13c0-2.4 1.8-4 4-4s4 1.6 4 4M11 7.2a1.9 1.9 0 1 0-.5-3.7M11.5 9.2c1.6.3 2.6 1.7 2.6 3.6",
  key: "M10.5 2.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8.4 7.6L2.5 13.5M4.5 11.5l1.5 1.5",
  person: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8zM3 14c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5",
  menu: "M2 4h12M2 8h12M2 12h12",
  shield: "M8 1.8l5 1.8v4c0 3.2-2.1 5.4-5 6.6-2.9-1.2-5-3.4-5-6.6v-4zM5.8 8l1.6 1.6 3-3.2",
  download: "M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
  star: "M8 2l1.8 3.8 4.2.6-3 2.9.7 4.2L8 11.5l-3.7 2 .7-4.2-3-2.9 4.2-.6z",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.2 1.6",
  out: "M6 2.5H3v11h3M10 5l3 3-3 3M13 8H6",
  wait: "M8 2a6 6 0 1 0 6 6",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
