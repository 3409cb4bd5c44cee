/** The style of the HTML report: system fonts, light and dark by the reader's setting, and good on paper. */
export const htmlStyle = `
:root { color-scheme: light dark;
  --ink: #1c2430; --soft: #5a6675; --line: #dde3ea; --page: #f6f8fa; --card: #fff;
  --good: #1a7f4b; --good-bg: #e3f5ea; --bad: #b3261e; --bad-bg: #fdeceb; --warn: #8a5a00; --warn-bg: #fff3d6;
  --open: #5b4bb5; --open-bg: #eeebfb; --none: #c3ccd6; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e4e9ef; --soft: #9aa7b5; --line: #2c3642; --page: #11161c; --card: #19212a;
  --good: #5fd39a; --good-bg: #12301f; --bad: #ff8a80; --bad-bg: #3b1715; --warn: #f0bf5c; --warn-bg: #362806;
  --open: #b3a6ff; --open-bg: #262044; --none: #46525f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .35rem 0; }
code { font: .88em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
header { border-left: .4rem solid var(--accent); padding: .2rem 0 .2rem 1rem; }
.allowed { --accent: var(--good); } .refused { --accent: var(--bad); } .undecided { --accent: var(--open); }
header h1 strong { color: var(--accent); }
.unseen { color: var(--warn); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 1rem; padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; color: var(--soft); }
.tiles b { display: block; font-size: 1.7rem; line-height: 1.2; color: var(--ink); font-variant-numeric: tabular-nums; }
.bar { display: block; width: 100%; height: .8rem; border-radius: .4rem; }
.bar .signed, .key .signed { fill: var(--good); } .bar .pinned, .key .pinned { fill: var(--warn); } .bar .bare, .key .bare { fill: var(--none); }
.key { width: .7rem; height: .7rem; margin: 0 .3rem 0 1rem; } .legend { font-size: .88rem; } .legend .key:first-child { margin-left: 0; }
.card, .table { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.card { padding: .9rem 1.1rem; margin: 0 0 .75rem; border-left: .3rem solid var(--tone); }
.card ul { margin: .5rem 0 0; padding: 0; list-style: none; } .card li + li { margin-top: .7rem; }
.hint { color: var(--soft); }
.hint::before { content: "→ "; }
.message { white-space: pre-wrap; overflow-wrap: anywhere; }
.tag { display: inline-block; border-radius: 1rem; padding: 0 .6rem; font-size: .82rem; line-height: 1.6; white-space: nowrap; color: var(--tone); background: var(--tone-bg); }
.allow { --tone: var(--good); --tone-bg: var(--good-bg); } .warn, .warning { --tone: var(--warn); --tone-bg: var(--warn-bg); }
.deny, .error { --tone: var(--bad); --tone-bg: var(--bad-bg); } .undecided, .note { --tone: var(--open); --tone-bg: var(--open-bg); }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .55rem .9rem; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-size: .82rem; font-weight: 600; color: var(--soft); }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 9rem; }
tr.deny td:last-child { color: var(--bad); }
td ul { margin: 0; padding: 0; list-style: none; }
details { margin-top: .2rem; } summary { cursor: pointer; color: var(--soft); font-size: .88rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .4rem 0; font-size: .88rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 3rem; font-size: .88rem; }
@media print { body { background: none; } .card, .table, .tiles li { break-inside: avoid; } }
`;
