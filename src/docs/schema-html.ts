import { html } from "hono/html";
import type { JsonSchema } from "./openapi-document.js";
import { type Html, inlineProse, prose } from "./prose.js";

/** Writes a named schema as a section that schemaLink leads to. */
export function schemaSection(name: string, schema: JsonSchema): Html {
  return html`<article id="${anchorOf(name)}">
<h3>${name}</h3>
${schema.description ? prose(schema.description) : ""}
${schemaFields(schema)}
</article>
`;
}

/** Writes the fields of an object, each with its type and description. */
export function schemaFields({ type, properties = {}, required = [], items }: JsonSchema): Html {
  const entries = Object.entries(properties);
  if (type === "array" && items) return html`<p>A list of ${schemaType(items)}.</p>`;
  if (type !== "object") return html``;
  if (entries.length === 0) return html`<p>An object without fields: <code>{}</code>.</p>`;
  return html`<dl>
${entries.map(
  ([name, field]) => html`<dt><code>${name}</code> <span>${schemaType(field)}${
    required.includes(name) ? ", required" : ""
  }</span></dt>
<dd>${inlineProse(field.description ?? "")}</dd>
`,
)}</dl>`;
}

/** Writes what a schema is in some words, with links to the named ones. */
export function schemaType(schema: JsonSchema): Html {
  if (schema.$ref !== undefined) return schemaLink(schema.$ref);
  if (schema.items) return html`list of ${schemaType(schema.items)}`;
  if (schema.additionalProperties) {
    return html`map from string to ${schemaType(schema.additionalProperties)}`;
  }
  if (schema.enum) return html`${schema.enum.map((value) => JSON.stringify(value)).join(" | ")}`;
  const [example] = schema.examples ?? [];
  return html`${schema.format ?? schema.type}${example ? html`, such as <code>${example}</code>` : ""}`;
}

function schemaLink($ref: string): Html {
  const name = $ref.slice($ref.lastIndexOf("/") + 1);
  return html`<a href="#${anchorOf(name)}">${name}</a>`;
}

// Apart from the operations' anchors, which are their ids.
function anchorOf(name: string): string {
  return `schema-${name}`;
}
