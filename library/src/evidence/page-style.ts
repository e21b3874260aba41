/** The page's style. System fonts and colours only: a page that may be printed and kept loads nothing. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: light-dark(#1a1d21, #e8eaed); --dim: light-dark(#5f6771, #9aa2ad); --line: light-dark(#d9dde2, #3a4048);
  --paper: light-dark(#ffffff, #16191d); --panel: light-dark(#f5f6f8, #1e2228); --good: light-dark(#116b3a, #58d68d); --bad: light-dark(#b3261e, #ff8a80);
  --warn: light-dark(#8a5a00, #f0c060); --accent: light-dark(#1c4fa0, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 24px 20px 80px; }
h1 { font-size: 22px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 32px 0 8px; }
p { margin: 6px 0; }
.dim { color: var(--dim); }
.mono, pre { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.verdict { display: flex; gap: 18px; align-items: baseline; border: 1px solid var(--line); border-left: 6px solid var(--dim); border-radius: 6px; padding: 14px 18px; margin: 16px 0; background: var(--panel); }
.verdict strong { font-size: 26px; letter-spacing: 0.02em; }
.verdict.ok { border-left-color: var(--good); } .verdict.ok strong { color: var(--good); }
.verdict.bad { border-left-color: var(--bad); } .verdict.bad strong { color: var(--bad); }
.counts { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0; }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 4px; padding: 0 6px; font-size: 12px; white-space: nowrap; color: var(--dim); }
.tag.OK { color: var(--good); } .tag.ALTERED, .tag.MISSING, .tag.EXTRA { color: var(--bad); font-weight: 600; }
.tag.PENDING, .tag.REDACTED, .tag.SHREDDED, .tag.PRUNED { color: var(--warn); }
ul { margin: 4px 0; padding-left: 20px; }
.asking { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; margin: 10px 0; }
input[type=search], textarea { flex: 1 1 320px; padding: 7px 10px; border: 1px solid var(--line); border-radius: 5px; background: var(--paper); color: inherit; font: inherit; }
button { padding: 7px 14px; border: 1px solid var(--line); border-radius: 5px; background: var(--panel); color: inherit; font: inherit; cursor: pointer; }
button:disabled { opacity: 0.45; cursor: default; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: 13px; }
th, td { padding: 6px 8px; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
tr.entry { cursor: pointer; } tr.entry:hover { background: var(--panel); }
td.seq, th.seq { width: 76px; text-align: right; font-variant-numeric: tabular-nums; }
th.time { width: 170px; } td.time { font-variant-numeric: tabular-nums; white-space: nowrap; } th.state { width: 110px; }
pre { white-space: pre-wrap; background: var(--panel); border: 1px solid var(--line); border-radius: 5px; padding: 10px 12px; margin: 4px 0; }
details { margin: 6px 0; } summary { cursor: pointer; }
@media print { button, .asking { display: none; } }
`;
