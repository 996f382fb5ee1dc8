/** The style of the invite pages: one card that fits a phone, light or dark as the visitor prefers. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #eef1f6; --card: #fff; --text: #1c2330; --soft: #566074; --line: #dbe0ea;
  --accent: #2f54c8; --on-accent: #fff; --tint: #edf1fd; --error: #b3201f; --error-tint: #fdefee;
  --good: #14703d; --border: #7d879a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11141a; --card: #1a1f28; --text: #e7eaf0; --soft: #a6b0c2; --line: #323a48;
    --accent: #9db7ff; --on-accent: #0f1a3a; --tint: #222b40; --error: #ffa29b; --error-tint: #3a2022;
    --good: #7fd6a2; --border: #76819a;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; display: grid; align-content: start; justify-items: center;
  padding: clamp(0.75rem, 4vw, 4rem) clamp(0.75rem, 4vw, 2rem);
  background: var(--page); color: var(--text);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
main {
  width: 100%; max-width: 56rem; padding: clamp(1.25rem, 5vw, 3rem);
  background: var(--card); border: 1px solid var(--line); border-radius: 1.25rem;
  box-shadow: 0 1px 2px #0000000a, 0 12px 40px #0f1a3a14;
}
main.narrow { max-width: 34rem; }
.columns { display: grid; gap: clamp(1.5rem, 5vw, 3rem); }
@media (min-width: 48rem) { .columns.two { grid-template-columns: minmax(0, 1fr) 15rem; } }
.site { display: flex; align-items: center; gap: 0.75rem; margin: 0 0 1rem; font-size: 1.125rem; font-weight: 600; }
.door { flex: none; width: 3rem; height: 3rem; color: var(--accent); }
footer { padding: 1rem; font-size: 0.9375rem; }
footer a { display: inline-flex; align-items: center; min-height: 2.75rem; }
h1 { margin: 0 0 0.75rem; font-size: clamp(1.6rem, 1.2rem + 2vw, 2.25rem); line-height: 1.2; letter-spacing: -0.015em; text-wrap: balance; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.125rem; line-height: 1.3; }
h3 { margin: 1.25rem 0 0.25rem; font-size: 1rem; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); font-size: 0.9375rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 0.25rem; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.5rem 0 1rem; }
.button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 3rem; padding: 0.6rem 1.5rem;
  border: 2px solid var(--accent); border-radius: 0.75rem; background: var(--card); color: var(--accent);
  font: inherit; font-weight: 600; text-decoration: none; text-align: center; cursor: pointer;
}
.button.first { background: var(--accent); color: var(--on-accent); }
.button:hover { filter: brightness(1.06); }
@media (max-width: 30rem) { .button { width: 100%; } }
.note { padding: 0.75rem 1rem; border-radius: 0.75rem; background: var(--tint); }
.note.error { background: var(--error-tint); color: var(--error); }
.note > :last-child { margin-bottom: 0; }
figure { margin: 0; text-align: center; }
.qr { display: block; width: 100%; max-width: 15rem; height: auto; margin: 0 auto 0.75rem; border: 1px solid var(--line); border-radius: 0.75rem; }
figcaption { color: var(--soft); font-size: 0.9375rem; }
ul.apps { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 12rem), 1fr)); gap: 0.5rem; margin: 0.5rem 0 0; padding: 0; list-style: none; }
ul.apps a {
  display: flex; align-items: center; min-height: 2.75rem; padding: 0.4rem 0.9rem;
  border: 1px solid var(--line); border-radius: 0.75rem; color: inherit; text-decoration: none;
}
ul.apps a:hover { border-color: var(--accent); color: var(--accent); }
form { margin-top: 1.75rem; }
.field { margin: 0 0 1.5rem; }
.field > p { margin: 0 0 0.4rem; }
label { display: inline-block; margin-bottom: 0.3rem; font-weight: 600; }
input:not([type="checkbox"]) {
  display: block; width: 100%; min-width: 0; min-height: 3rem; padding: 0.6rem 0.9rem;
  border: 1px solid var(--border); border-radius: 0.75rem; background: var(--card); color: inherit; font: inherit;
}
input[readonly] { background: var(--page); }
input:focus-visible { outline-offset: 0; border-radius: 0.75rem; }
.joined { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.6rem; }
.joined input { flex: 1 1 8rem; width: auto; }
.joined span { flex: 0 1 auto; color: var(--soft); }
.problem { color: var(--error); font-weight: 600; }
.problem:empty, .free:empty, .soft:empty { margin: 0; }
.free { color: var(--good); font-weight: 600; }
input[aria-invalid] { border: 2px solid var(--error); }
.check label { margin: 0; display: inline-flex; align-items: center; gap: 0.6rem; min-height: 2.75rem; font-weight: 400; cursor: pointer; }
.check input { width: 1.25rem; height: 1.25rem; accent-color: var(--accent); }
.note.error p { font-weight: 600; }
ol { padding-left: 1.5rem; }
ol > li { margin-bottom: 0.5rem; }
.login { margin: 0.75rem 0; padding: 0.85rem 1rem; border-radius: 0.75rem; background: var(--tint); }
.login dt { color: var(--soft); font-size: 0.9375rem; }
.login dd { margin: 0 0 0.5rem; }
.login dd:last-child { margin: 0; }
.login code { font: 600 0.9375rem/1.6 ui-monospace, "Cascadia Mono", "Noto Sans Mono", monospace; user-select: all; }
details { margin-top: 1rem; }
summary { min-height: 2.75rem; padding: 0.6rem 0; color: var(--accent); font-weight: 600; cursor: pointer; }
@media print {
  body { background: none; padding: 0; }
  main { border: 0; box-shadow: none; }
  .button, details:not([open]) { display: none; }
}
`;
