import { html } from "hono/html";

/** Is a piece of a page, with everything in it escaped. */
export type Html = ReturnType<typeof html>;

/** Writes a description as HTML: paragraphs, lists of lines that begin with "- ", code in backticks. */
export function prose(text: string): Html {
  return html`${text.split("\n\n").map((block) => {
    const lines = block.split("\n");
    return lines.every((line) => line.startsWith("- "))
      ? html`<ul>${lines.map((line) => html`<li>${inlineProse(line.slice(2))}</li>`)}</ul>`
      : html`<p>${inlineProse(block)}</p>`;
  })}`;
}

/** Writes a text on one line as HTML, code in backticks. */
export function inlineProse(text: string): Html {
  // With a group, split answers what is between the backticks at every odd place.
  const parts = text.split(/`([^`]+)`/);
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
