// Writes what is generated from the contract's comments and not by buf: the OpenAPI document and the
// reference for reading. Part of `npm run generate`, after `buf generate`, which empties gen/.
import { readFileSync, writeFileSync } from "node:fs";
import { apiMarkdown } from "./docs/api-markdown.js";
import { openApiDocument } from "./docs/openapi.js";
import { readContract } from "./docs/read-contract.js";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const contract = readContract();
writeFileSync(
  "gen/openapi.json",
  `${JSON.stringify(openApiDocument(contract, version), undefined, 2)}\n`,
);
writeFileSync("docs/api.md", apiMarkdown(contract));
