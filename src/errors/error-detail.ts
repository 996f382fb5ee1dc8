import { create } from "@bufbuild/protobuf";
import { type ErrorDetail, ErrorDetailSchema } from "../../gen/doorman/v1/error_pb.js";
import type { DoormanError } from "./doorman-error.js";
import { quoted, quotedOfServer } from "./quote.js";

/** Returns an error as the contract's detail. */
export function errorDetail({ reason, metadata, stanza }: DoormanError): ErrorDetail {
  return create(ErrorDetailSchema, {
    reason,
    metadata: withShortValues(metadata),
    ...(stanza && {
      stanza: { ...withShortValues(stanza), text: quotedOfServer(stanza.text) },
    }),
  });
}

function withShortValues<T extends object>(texts: T): T {
  const entries = Object.entries(texts) as [string, string][];
  return Object.fromEntries(entries.map(([key, text]) => [key, quoted(text)])) as T;
}
