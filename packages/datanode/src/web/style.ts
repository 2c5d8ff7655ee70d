/** The page's one style sheet: light and dark by the reader's own setting, one column on small windows. */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2326; --soft: #5c666b; --line: #dfe3e1;
  --accent: #0b6b57; --good: #1f7a3d; --warn: #8f5a00; --bad: #b3261e; --fill: #7fb8a6; --track: #e6eae8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181a; --card: #1c2124; --ink: #e6eaea; --soft: #9aa5a9; --line: #30383c;
    --accent: #6fd0b4; --good: #7ed491; --warn: #e6b45c; --bad: #ff8a80; --fill: #3f8f7a; --track: #2a3135;
  }
}
* { box-sizing: border-box }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
a { color: var(--accent); text-decoration: none }
a:hover { text-decoration: underline }
a:focus-visible, input:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
header { border-bottom: 1px solid var(--line); background: var(--card) }
header > div, main { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem }
header > div { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem; min-height: 3.5rem }
.brand { display: flex; align-items: center; gap: .5rem; font-weight: 650; color: var(--ink); letter-spacing: .01em }
.brand svg { width: 1.5rem; height: 1.5rem; fill: var(--accent) }
nav { display: flex; gap: 1.25rem }
nav a[aria-current] { color: var(--ink); font-weight: 600 }
header code { margin-left: auto; color: var(--soft) }
main { padding-top: 1.75rem; padding-bottom: 4rem }
h1 { font-size: 1.35rem; margin: 0 0 1rem; font-weight: 650; overflow-wrap: anywhere }
h2 { font-size: 1.05rem; margin: 2.25rem 0 .75rem; font-weight: 650 }
code, .mono { font-family: ui-monospace, 'SF Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: .9em }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .9rem }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem }
.card dt { color: var(--soft); font-size: .85rem }
.card dd { margin: .1rem 0 0; font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.card small { display: block; color: var(--soft); font-size: .8rem; font-weight: 400 }
dl { margin: 0 }
.bar { display: block; width: 100%; height: .45rem; margin-top: .5rem; border-radius: 1rem }
.bar rect:first-child { fill: var(--track) }
.bar rect:last-child { fill: var(--fill) }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .5rem .9rem; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line) }
tbody tr:last-child > * { border-bottom: 0 }
tbody tr:hover { background: color-mix(in srgb, var(--accent) 6%, transparent) }
th { color: var(--soft); font-weight: 500; font-size: .85rem }
td.name { white-space: normal; overflow-wrap: anywhere; min-width: 10rem }
td.list { white-space: normal }
.right { text-align: right }
.state { display: inline-flex; align-items: center; gap: .4rem }
.state::before { content: ''; width: .6rem; height: .6rem; border-radius: 50%; background: currentColor }
.good { color: var(--good) } .warn { color: var(--warn) } .bad { color: var(--bad) }
.notice { border: 1px solid currentColor; border-radius: .6rem; padding: .7rem 1rem; margin: 0 0 1.25rem }
.crumbs { display: flex; flex-wrap: wrap; gap: 0 .35rem; font-size: 1.1rem; font-weight: 600; margin: 0 0 1rem; overflow-wrap: anywhere }
.crumbs span { color: var(--soft); font-weight: 400 }
.button, button {
  display: inline-block; border: 1px solid var(--accent); border-radius: .45rem; padding: .35rem .9rem;
  background: transparent; color: var(--accent); font: inherit; cursor: pointer
}
.button:hover, button:hover { background: color-mix(in srgb, var(--accent) 12%, transparent); text-decoration: none }
form { display: flex; gap: .5rem; margin: 0 0 1.25rem }
input {
  flex: 1; min-width: 0; padding: .35rem .7rem; border: 1px solid var(--line); border-radius: .45rem;
  background: var(--card); color: var(--ink); font: inherit
}
.soft { color: var(--soft) }
.more { margin-top: 1rem }
footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem 2rem; color: var(--soft); font-size: .85rem }
@media (max-width: 40rem) {
  header > div { padding-top: .6rem }
  header code { margin-left: 0; width: 100%; padding-bottom: .6rem }
  .cards { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)) }
  .wide { display: none }
  th, td { padding: .45rem .6rem }
}
`

/** Three stones, one on the other. */
export const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#0b8a6f"><ellipse cx="12" cy="19" rx="9.5" ry="3.6"/><ellipse cx="12.6" cy="12" rx="6.6" ry="3"/><ellipse cx="11.6" cy="6" rx="4" ry="2.4"/></svg>'
