/** Is the style of the invite pages: one card that a phone can show, in the reader's light or dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #eef1f6; --card: #fff; --text: #1c2330; --soft: #566074; --line: #dbe0ea;
  --accent: #2f54c8; --on-accent: #fff; --tint: #edf1fd; --error: #b3201f; --error-tint: #fdefee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11141a; --card: #1a1f28; --text: #e7eaf0; --soft: #a6b0c2; --line: #323a48;
    --accent: #9db7ff; --on-accent: #0f1a3a; --tint: #222b40; --error: #ffa29b; --error-tint: #3a2022;
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
.door { display: block; width: 3rem; height: 3rem; margin-bottom: 1rem; color: var(--accent); }
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
details { margin-top: 1rem; }
summary { min-height: 2.75rem; padding: 0.6rem 0; color: var(--accent); font-weight: 600; cursor: pointer; }
@media print {
  body { background: none; padding: 0; }
  main { border: 0; box-shadow: none; }
  .button, details:not([open]) { display: none; }
}
`;
