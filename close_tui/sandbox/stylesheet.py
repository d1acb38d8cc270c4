"""How the pages look: one style sheet, light and dark."""

from __future__ import annotations

from typing import Final

CSS: Final = """
:root { color-scheme: light dark;
  --paper: #f5f6f8; --card: #fff; --ink: #15181e; --soft: #596273; --line: #d9dde5;
  --accent: #2456d6; --on-accent: #fff; --wash: #edf2ff; --danger: #b3261e;
  --band: #ffe08a; --on-band: #3d2e00 }
@media (prefers-color-scheme: dark) { :root {
  --paper: #101318; --card: #191d24; --ink: #eceff4; --soft: #a2abba; --line: #323845;
  --accent: #8fb0ff; --on-accent: #0b1735; --wash: #1d2740; --danger: #ff9d94;
  --band: #4a3b0b; --on-band: #ffe9ac } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
header { display: flex; flex-wrap: wrap; gap: 0 .75rem; justify-content: center;
  padding: .5rem 1rem; background: var(--band); color: var(--on-band); font-size: .9rem }
main { max-width: 36rem; margin: 2.5rem auto; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 14px }
h1 { margin: 0 0 .35rem; font-size: 1.45rem; line-height: 1.25; letter-spacing: -.01em }
h2, legend { margin: 0; padding: 0; font-size: 1rem; font-weight: 600 }
h2 { margin-top: 1.5rem }
.lead, .note, .empty, small { color: var(--soft) }
.lead { margin: 0 0 1.5rem }
.lead strong { color: var(--ink) }
.note { margin: 1rem 0 0; font-size: .9rem }
.empty { padding: 1.5rem; border: 1px dashed var(--line); border-radius: 10px; text-align: center }
strong, small, bdi { overflow-wrap: anywhere }
code { color: var(--soft); font: .82rem ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  overflow-wrap: anywhere }
fieldset { margin: 0; padding: 0; border: 0 }
.choice { display: flex; gap: .8rem; align-items: center; margin-top: .6rem; padding: .7rem .9rem;
  border: 1px solid var(--line); border-radius: 10px; cursor: pointer }
.choice:hover { border-color: var(--accent) }
.choice:has(:checked) { border-color: var(--accent); background: var(--wash);
  box-shadow: inset 0 0 0 1px var(--accent) }
.choice input { flex: none; width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--accent) }
.choice span { min-width: 0 }
.choice code, .cards code, .cards small { display: block }
ul { margin: .4rem 0 0; padding-left: 1.2rem }
li::marker { color: var(--soft) }
.actions { display: flex; gap: .75rem; margin-top: 1.75rem }
.actions button { flex: 1 }
button { padding: .65rem 1.1rem; border: 1px solid var(--line); border-radius: 10px;
  background: transparent; color: var(--ink); font: inherit; font-weight: 600; cursor: pointer }
button:hover { border-color: currentColor }
button.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent) }
button.primary:hover { filter: brightness(1.08) }
button.danger { padding: .4rem .8rem; color: var(--danger); font-size: .92rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
nav { display: flex; gap: 1.25rem; margin: 0 0 1.5rem; border-bottom: 1px solid var(--line) }
nav a { padding: 0 0 .6rem; border-bottom: 2px solid transparent; color: var(--soft);
  text-decoration: none }
nav a[aria-current] { border-color: var(--accent); color: var(--ink); font-weight: 600 }
.field { display: block; margin-bottom: .8rem; font-weight: 600 }
.field input, .field select { display: block; box-sizing: border-box; width: 100%;
  margin-top: .3rem; padding: .55rem .7rem; border: 1px solid var(--line); border-radius: 10px;
  background: transparent; color: inherit; font: inherit }
.field option { color: #111; background: #fff }
.field + button { margin-bottom: 1.5rem }
.once { margin: 0 0 1.5rem; padding: .3rem 1rem; border: 1px solid var(--accent);
  border-radius: 10px; background: var(--wash) }
.once code { color: var(--ink); user-select: all }
.cards { margin: 0; padding: 0; list-style: none }
.cards li { display: flex; gap: 1rem; align-items: center; justify-content: space-between;
  padding: .9rem 0; border-top: 1px solid var(--line) }
.cards li:first-child { border-top: 0 }
.cards li:last-child { padding-bottom: 0 }
.cards div { min-width: 0 }
@media (max-width: 40rem) {
  body { background: var(--card) }
  main { margin: 0; padding: 1.5rem 1.1rem; border: 0; border-radius: 0 } }
"""
