/** Is the style of /docs: one column that a phone can show, in the reader's light or dark. */
export const DOCS_STYLE = `\
:root { color-scheme: light dark; --faint: #8884; }
body {
  max-width: 46rem;
  margin: 0 auto;
  padding: 1rem;
  font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, h4 { line-height: 1.25; }
h4 { margin-bottom: 0; }
main h2 { margin-top: 3rem; border-bottom: 2px solid var(--faint); }
nav h2 { margin: 1rem 0 0; font-size: 1rem; }
nav ul { margin: 0; padding-left: 1.25rem; }
article { margin-top: 2rem; border-top: 1px solid var(--faint); }
article:target { outline: 2px solid; outline-offset: 0.5rem; }
code { font: 0.9em ui-monospace, monospace; }
dt { margin-top: 0.5rem; }
dt span { font-size: 0.9em; opacity: 0.8; }
dd { margin-left: 1rem; }
`;
