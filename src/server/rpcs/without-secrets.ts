import {
  clone,
  type DescMessage,
  getOption,
  type JsonValue,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { secret } from "../../../gen/doorman/v1/options_pb.js";
import { quoted } from "../../errors/quote.js";
import { isMisplacedToken } from "../../log/subject-of-message.js";

/**
 * Returns a message as JSON for the log, with every field that the contract marks as secret left out and
 * long texts cut short.
 */
export function withoutSecrets(schema: DescMessage, message: Message): JsonValue {
  const copy = clone(schema, message);
  clearSecrets(reflect(schema, copy));
  try {
    return withShortTexts(toJson(schema, copy));
  } catch {
    return "holds what JSON cannot say, such as a ttl of a million years";
  }
}

function withShortTexts(json: JsonValue): JsonValue {
  if (typeof json === "string") return quoted(json);
  if (Array.isArray(json)) return json.map(withShortTexts);
  if (typeof json !== "object" || json === null) return json;
  const entries = Object.entries(json).map(([key, value]) => [quoted(key), withShortTexts(value)]);
  return Object.fromEntries(entries);
}

function clearSecrets(message: ReflectMessage): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (getOption(field, secret) || isMisplacedToken(field, message.get(field)))
      message.clear(field);
    else if (field.fieldKind === "message") clearSecrets(message.get(field));
    else if (field.fieldKind === "list" && field.listKind === "message") {
      for (const item of message.get(field)) clearSecrets(item as ReflectMessage);
    } else if (field.fieldKind === "map" && field.mapKind === "message") {
      for (const item of message.get(field).values()) clearSecrets(item as ReflectMessage);
    }
  }
}
