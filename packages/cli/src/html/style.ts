/** How the page looks. Contrast is at least 4.5 : 1 for text, in light and in dark. */
export const PAGE_STYLE = `
:root { color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1f2430; --soft: #5a6172; --line: #e3e0d8;
  --live: #0b6b46; --warn: #8a5200; --bad: #a3222b; --sleep: #2b5fb3 }
@media (prefers-color-scheme: dark) { :root {
  --paper: #12151c; --card: #1a1e27; --ink: #e8eaf0; --soft: #a2aabb; --line: #2c323f;
  --live: #58d6a0; --warn: #f0b35a; --bad: #ff8a8f; --sleep: #8ab6ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem }
header { padding-top: 3rem }
.over { margin: 0; color: var(--soft); font-size: .8rem; letter-spacing: .12em;
  text-transform: uppercase }
h1 { margin: .1rem 0 .3rem; font-size: clamp(1.9rem, 5vw, 2.8rem); line-height: 1.1;
  letter-spacing: -.02em; overflow-wrap: anywhere }
h2 { display: flex; gap: .75rem; align-items: baseline; margin: 2.5rem 0 1rem; font-size: 1.1rem;
  font-weight: 600; color: var(--soft) }
h3 { margin: 2.5rem 0 .75rem; font-size: 1.15rem }
.path { margin: 0; color: var(--soft); overflow-wrap: anywhere }
code { font: .875em ui-monospace, 'SF Mono', 'JetBrains Mono', Menlo, Consolas, monospace }
.chip, .kind { display: inline-block; margin-left: .8rem; padding: .2rem .75rem;
  border-radius: 99rem;
  border: 1.5px solid currentColor; font-size: .85rem; font-weight: 600; letter-spacing: 0;
  line-height: 1.4; vertical-align: middle }
.kind { margin: 0; color: var(--soft); font-size: .75rem }
.live { color: var(--live) } .asleep { color: var(--sleep) } .busy { color: var(--warn) }
.dead, .empty, .problem { color: var(--bad) }
.problem { font-weight: 600 }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem;
  margin: 0 }
.tile { padding: .9rem 1.1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .9rem }
.tile dt { color: var(--soft); font-size: .85rem }
.tile dd { margin: 0; color: var(--soft); font-size: .85rem }
.tile strong { display: block; color: var(--ink); font-size: 1.7rem; font-weight: 650;
  letter-spacing: -.02em; font-variant-numeric: tabular-nums }
figure { margin: 1.25rem 0 0; padding: 1.25rem; background: var(--card);
  border: 1px solid var(--line);
  border-radius: .9rem; overflow-x: auto }
figure svg { display: block; width: 100%; min-width: 44rem; height: auto }
figcaption { margin-top: 1rem; color: var(--soft); font-size: .85rem }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: .9rem }
.scroll:focus-visible { outline: 3px solid var(--sleep); outline-offset: 2px }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .5rem .9rem; text-align: left; white-space: nowrap; font-weight: 400 }
thead th { color: var(--soft); font-size: .8rem; font-weight: 600 }
tbody tr { border-top: 1px solid var(--line) }
tbody tr:hover { background: color-mix(in srgb, var(--ink) 5%, transparent) }
.number { text-align: right }
.none { color: var(--soft) }
.swatch { display: inline-block; width: .75rem; height: .75rem; margin-right: .6rem;
  border-radius: .2rem;
  background: currentColor; vertical-align: -.05em }
.held { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%;
  background: var(--ink) }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
footer { margin: 3rem auto; color: var(--soft); font-size: .85rem }
@media print { figure, .scroll, .tile { break-inside: avoid } }
`
