import { html } from "hono/html";
import {
  type Content,
  type OpenApiDocument,
  type Operation,
  type ResponseObject,
  resolveReference,
} from "./openapi-document.js";
import { type Html, inlineProse, prose } from "./prose.js";
import { schemaFields, schemaSection, schemaType } from "./schema-html.js";

/** Writes the OpenAPI document as a page to read, with an anchor for each operation and schema. */
export function docsPage(document: OpenApiDocument, styleUrl: string): Html {
  const { info, tags, components } = document;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} ${info.version}</title>
<link rel="stylesheet" href="${styleUrl}">
</head>
<body>
<header>
<h1>${info.title} ${info.version}</h1>
${prose(info.description)}
<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>
</header>
<nav aria-label="Contents">
${tags.map(({ name }) => contents(name, operationsOf(document, name)))}
</nav>
<main>
${tags.map(
  ({ name, description }) => html`<section>
<h2 id="${tagAnchor(name)}">${name}</h2>
${prose(description)}
${operationsOf(document, name).map((call) => operationSection(document, call))}
</section>
`,
)}
<section>
<h2 id="keys">Keys</h2>
${Object.entries(components.securitySchemes).map(
  ([name, { description = "" }]) => html`<h3 id="key-${name}">${name}</h3>
${prose(description)}
`,
)}
</section>
<section>
<h2 id="schemas">Schemas</h2>
${Object.entries(components.schemas)
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(([name, schema]) => schemaSection(name, schema))}
</section>
</main>
</body>
</html>
`;
}

interface Call {
  method: string;
  path: string;
  operation: Operation;
}

function operationsOf({ paths }: OpenApiDocument, tag: string): Call[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { tags }]) => tags.includes(tag))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function contents(tag: string, calls: Call[]): Html {
  return html`<h2><a href="#${tagAnchor(tag)}">${tag}</a></h2>
<ul>${calls.map(
    ({ method, path, operation }) =>
      html`<li><a href="#${operation.operationId}">${shortName(method, path)}</a> ${inlineProse(operation.summary)}</li>
`,
  )}</ul>
`;
}

function operationSection(document: OpenApiDocument, { method, path, operation }: Call): Html {
  const { operationId, description, parameters = [], requestBody, responses } = operation;
  return html`<article id="${operationId}">
<h3><a href="#${operationId}">${shortName(method, path)}</a></h3>
<p><code>${method} ${path}</code></p>
${prose(description)}
${keyNeeded(document, operation)}
${parameters.map(
  ({ name, in: place, schema, description: text }) =>
    html`<dl><dt><code>${name}</code> <span>in the ${place}, ${schemaType(schema)}</span></dt><dd>${inlineProse(text)}</dd></dl>
`,
)}
${requestBody ? html`<h4>Request</h4>${body(document, requestBody.content)}` : ""}
${Object.entries(responses).map(([status, response]) => answerSection(document, status, response))}
</article>
`;
}

/** Says in what places a call's key may stand, and what grant it needs. */
function keyNeeded(document: OpenApiDocument, operation: Operation): Html {
  const ways = operation.security ?? document.security;
  const places = ways.flatMap((way) => Object.keys(way)).map((name) => schemeLink(name));
  if (places.length === 0) return html`<p>Needs no key.</p>`;
  const grant = operation["x-doorman-grant"];
  const isOptional = ways.some((way) => Object.keys(way).length === 0);
  return html`<p>${isOptional ? "May need a key" : "Needs a key"}${grant ? html` with the grant <code>${grant}</code>` : ""}: ${places.map((place, index) => html`${index === 0 ? "" : " or "}${place}`)}.</p>`;
}

function schemeLink(name: string): Html {
  return html`<a href="#key-${name}">${name}</a>`;
}

/** Writes an answer; failures that many calls share are but a line. */
function answerSection(
  document: OpenApiDocument,
  status: string,
  response: Operation["responses"][string],
): Html {
  if ("$ref" in response) {
    const { description } = resolveReference(document, response.$ref) as ResponseObject;
    return html`<p><b>${status}</b> ${inlineProse(description)}</p>
`;
  }
  const isAnswer = status.startsWith("2");
  return html`${isAnswer ? html`<h4>Answer</h4>` : ""}<p><b>${status}</b> ${inlineProse(response.description)}</p>
${Object.entries(response.headers ?? {}).map(
  ([name, { description }]) =>
    html`<dl><dt><code>${name}</code></dt><dd>${inlineProse(description)}</dd></dl>
`,
)}${isAnswer && response.content ? body(document, response.content) : ""}`;
}

function body(document: OpenApiDocument, content: Content): Html {
  return html`${Object.entries(content).map(([mediaType, { schema }]) => {
    const named = schema.$ref === undefined ? schema : resolveReference(document, schema.$ref);
    return html`<p><code>${mediaType}</code>: ${schemaType(schema)}</p>
${schemaFields(named)}
`;
  })}`;
}

/** An RPC is known by its name, everything else by method and path. */
function shortName(method: string, path: string): string {
  return /^\/doorman\.[\w.]+\/(\w+)$/.exec(path)?.[1] ?? `${method} ${path}`;
}

function tagAnchor(tag: string): string {
  return `tag-${tag.replace(/\W+/g, "-")}`;
}
