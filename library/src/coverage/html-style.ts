/** System fonts and colours only: a page that is kept as a build's artefact loads nothing. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: light-dark(#1a1d21, #e8eaed); --dim: light-dark(#5f6771, #9aa2ad); --line: light-dark(#e1e4e8, #30363d);
  --paper: light-dark(#ffffff, #14171b); --panel: light-dark(#f6f7f9, #1c2026); --good: light-dark(#116b3a, #58d68d); --bad: light-dark(#b3261e, #ff8a80);
  --warn: light-dark(#8a5a00, #f0c060); --quiet: light-dark(#8b94a0, #6b7480); --accent: light-dark(#1c4fa0, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 80px; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 4px 24px; }
h1 { font-size: 22px; margin: 0; } header p { margin: 0; }
h2 { font-size: 16px; margin: 36px 0 8px; }
p { margin: 4px 0 8px; }
.dim { color: var(--dim); font-weight: normal; }
.verdict { display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: baseline; border: 1px solid var(--line); border-left: 6px solid; border-radius: 6px; padding: 14px 18px; margin: 16px 0; background: var(--panel); }
.verdict strong { font-size: 26px; }
.verdict span { color: var(--ink); }
.verdict.good { border-left-color: var(--good); } .verdict.good strong { color: var(--good); }
.verdict.bad { border-left-color: var(--bad); } .verdict.bad strong { color: var(--bad); }
.shares { display: flex; gap: 2px; height: 12px; border-radius: 6px; overflow: hidden; }
.shares span { min-width: 6px; }
.shares .recorded { background: var(--good); } .shares .excluded { background: var(--quiet); } .shares .unexercised { background: var(--warn); } .shares .gap { background: var(--bad); }
fieldset { border: 0; margin: 10px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; } legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
label { cursor: pointer; color: var(--dim); } label b { color: var(--ink); font-variant-numeric: tabular-nums; } input { accent-color: var(--accent); vertical-align: -1px; margin: 0 2px 0 0; }
label.recorded b { color: var(--good); } label.unexercised b { color: var(--warn); } label.gap b { color: var(--bad); }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: 13px; }
th, td { padding: 7px 10px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.kind td:nth-child(2), .kind th:nth-child(2) { width: 45%; }
th.state, td.state { width: 126px; } td.number, th.number { width: 90px; text-align: right; padding-right: 24px; font-variant-numeric: tabular-nums; overflow-wrap: normal; white-space: nowrap; }
.name { font: 13.5px/1.5 ui-monospace, monospace; }
.says { color: var(--dim); font-size: 14px; }
.badge { display: inline-block; border-radius: 10px; padding: 0 9px; font-size: 12.5px; border: 1px solid currentColor; white-space: nowrap; }
tr.recorded .badge { color: var(--good); } tr.excluded .badge { color: var(--dim); } tr.unexercised .badge { color: var(--warn); } tr.gap .badge { color: var(--paper); background: var(--bad); border-color: var(--bad); font-weight: 600; }
tr.gap .says { color: var(--bad); }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: 0 6px; margin: 0 2px 2px 0; font: 12.5px/1.5 ui-monospace, monospace; color: var(--ink); background: var(--panel); }
.tag.table { color: var(--accent); }
.tag.table::before { content: "▦ "; }
.changes { display: flex; gap: 8px; justify-content: flex-end; font-size: 12px; color: var(--dim); }
.silent { border: 1px solid var(--bad); border-radius: 6px; padding: 2px 18px 10px; margin-top: 20px; } .silent h2 { color: var(--bad); margin-top: 12px; } .silent tr:last-child td { border-bottom: 0; }
.words { margin-top: 48px; font-size: 14px; } .words h2 { font-size: 14px; } dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; } dd { margin: 0; }
${["recorded", "excluded", "unexercised", "gap"]
  .map(
    (state) =>
      `main:has(#show-${state}:checked) :is(.kind tbody tr:not(.${state}), .kind:not(.${state}), .unlisted) { display: none; }`,
  )
  .join("\n")}
main:has(:is(#show-recorded, #show-excluded, #show-unexercised):checked) .silent { display: none; }
@media print { fieldset { display: none; } }
`;
