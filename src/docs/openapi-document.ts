/** Is as much of an OpenAPI 3.1.0 document as Doorman's own uses. */
export interface OpenApiDocument {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string; license: License };
  servers: { url: string; description: string }[];
  security: SecurityRequirement[];
  tags: { name: string; description: string }[];
  /** By path, then by HTTP method in lower case. */
  paths: Record<string, Record<string, Operation>>;
  components: {
    securitySchemes: Record<string, Record<string, string>>;
    responses: Record<string, ResponseObject>;
    schemas: Record<string, JsonSchema>;
  };
}

interface License {
  name: string;
  identifier: string;
}

/** Names security schemes; an empty one lets everybody in. */
export type SecurityRequirement = Record<string, never[]>;

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  /** The grant that the key needs; absent where no key is asked for. */
  "x-doorman-grant"?: string;
  /** Absent where the document's own holds. */
  security?: SecurityRequirement[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Content };
  /** By status; each an object of its own or a reference to one of the components. */
  responses: Record<string, ResponseObject | Reference>;
}

export interface Parameter {
  name: string;
  in: "path" | "query";
  required: boolean;
  description: string;
  schema: JsonSchema;
}

export interface ResponseObject {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  /** Absent where the body is empty. */
  content?: Content;
}

/** Are schemas by media type. */
export type Content = Record<string, { schema: JsonSchema }>;

interface Reference {
  $ref: string;
}

/** Is as much of JSON Schema 2020-12 as Doorman's messages need. */
export interface JsonSchema {
  $ref?: string;
  type?: "object" | "array" | "string" | "integer" | "boolean";
  description?: string;
  format?: string;
  pattern?: string;
  enum?: string[];
  examples?: string[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema;
}

/** Finds what a reference into the document's components, such as `#/components/schemas/Invite`, is to. */
export function resolveReference(document: OpenApiDocument, $ref: string): object {
  const [, section = "", name = ""] = /^#\/components\/(\w+)\/([\w.]+)$/.exec($ref) ?? [];
  const found = (document.components as Record<string, Record<string, object>>)[section]?.[name];
  if (found === undefined) throw new Error(`the OpenAPI document has no ${$ref}`);
  return found;
}
