/**
 * The element's style, behind its shadow root. It takes the font and the colour scheme of the page that it stands in; a
 * page says `color-scheme: light dark` where it knows both. Made as a constructed sheet, which needs no leave from the page's
 * Content-Security-Policy.
 */

const css = `
:host {
  --line: light-dark(#dcdad5, #363c45);
  --muted: light-dark(#5f646b, #a1a9b3);
  --text: light-dark(#1d2024, #e6e7e9);
  --accent: light-dark(#2f5a8f, #8fb8e8);
  --success: light-dark(#2c6e4f, #82c7a2);
  --failure: light-dark(#b3261e, #ff9d94);
  --denied: light-dark(#8a4b00, #f0bb6c);
  --added: light-dark(#e0f2e7, #17301f);
  --removed: light-dark(#fbe6e3, #3a1f1f);
  --escape: light-dark(#7a3fa0, #d3a8ee);
  display: block;
  color: var(--text);
  font-size: 14px;
  line-height: 1.45;
  text-align: start;
  container-type: inline-size;
}
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
h2, h3, p, ol, ul { margin: 0; padding: 0; }
ol, ul { list-style: none; }
h2 { font-size: 1.08em; font-weight: 650; padding-bottom: 4px; overflow-wrap: anywhere; }
h3 { font-size: .86em; font-weight: 600; color: var(--muted); padding: 12px 0 6px; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
a:hover { text-decoration-color: currentcolor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.entry { position: relative; display: grid; grid-template-columns: 3.2em minmax(0, 1fr); column-gap: 26px; padding-bottom: 14px; }
.entry::before { content: ""; position: absolute; inset: 10px auto -8px calc(3.2em + 12px); width: 2px; background: var(--line); }
.entry:last-child::before { display: none; }
.entry::after { content: ""; position: absolute; inset: 5px auto auto calc(3.2em + 8px); width: 10px; height: 10px; border-radius: 50%; background: var(--success); }
.entry.is-failure::after { background: var(--failure); }
.entry.is-denied::after { background: var(--denied); }
.entry.is-unknown::after { background: var(--muted); }
.clock { text-align: end; color: var(--muted); font-size: .9em; font-variant-numeric: tabular-nums; padding-top: 1px; }
.sentence { font-weight: 550; overflow-wrap: anywhere; }
.outcome { white-space: nowrap; font-size: .86em; font-weight: 500; margin-inline-start: 6px; }
.outcome svg { width: 1em; height: 1em; vertical-align: -.14em; margin-inline-end: 3px; fill: none; stroke: currentcolor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.outcome.is-success { color: var(--success); }
.outcome.is-failure { color: var(--failure); }
.outcome.is-denied { color: var(--denied); }
.outcome.is-unknown { color: var(--muted); }
.fact { font-size: .93em; overflow-wrap: anywhere; padding-top: 2px; }
.label, .path, .none { color: var(--muted); }
.problem { color: var(--failure); }
.problem .label { color: inherit; }
.changes { font-size: .93em; padding-top: 4px; display: grid; gap: 3px; overflow-wrap: anywhere; }
.path { margin-inline-end: 5px; }
del, ins { text-decoration: none; padding: 1px 5px; border-radius: 4px; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
del { background: var(--removed); }
ins { background: var(--added); }
.text { white-space: pre-wrap; }
.text del { text-decoration: line-through; text-decoration-thickness: 1px; }
.escape { color: var(--escape); font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .9em; }
.mark { font-size: .88em; font-style: italic; color: var(--muted); }
summary { cursor: pointer; color: var(--muted); padding-top: 4px; font-size: .93em; }
.state { padding: 14px 16px; border: 1px solid var(--line); border-radius: 8px; color: var(--muted); }
.state.is-problem { color: var(--text); border-inline-start: 3px solid var(--denied); }
button { font: inherit; font-size: .93em; color: var(--text); background: transparent; border: 1px solid var(--line); border-radius: 6px; padding: 4px 12px; min-height: 28px; cursor: pointer; }
button:hover { border-color: var(--muted); }
button:disabled { opacity: .5; cursor: default; }
.state button { display: block; margin-top: 10px; }
@container (max-width: 420px) {
  .entry { column-gap: 20px; }
  .entry::before { inset-inline-start: calc(3.2em + 9px); }
  .entry::after { inset-inline-start: calc(3.2em + 5px); }
}
`;

let sheet: CSSStyleSheet | undefined;

export function styleSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
