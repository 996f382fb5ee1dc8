import { parse, stringify } from "yaml";
import type { ConfigurationFix } from "../../gen/doorman/v1/server_pb.js";

/**
 * Adds lines to a Prosody configuration as an administrator does who is told to: into the part that they
 * belong to, and into the list of the same name where there is one.
 */
export function pasteLua(configuration: string, { section, lines }: ConfigurationFix): string {
  if (section === "") return `${configuration}\n${lines}\n`;
  const start = configuration.indexOf(`\n${section}`) + 1;
  if (start === 0) throw new Error(`there is no ${section} in the configuration`);
  const bodyStart = configuration.indexOf("\n", start) + 1;
  const next = /^(?:VirtualHost|Component) /m.exec(configuration.slice(bodyStart));
  const bodyEnd = next ? bodyStart + next.index : configuration.length;
  const body = configuration.slice(bodyStart, bodyEnd);
  return configuration.slice(0, bodyStart) + addTo(body, lines) + configuration.slice(bodyEnd);
}

function addTo(body: string, lines: string): string {
  const [, name = "", inner] = /^(\w+) = \{\n([\s\S]*)\n\}$/.exec(lines) ?? [];
  const there = new RegExp(`^\\s*${name} = \\{`, "m").exec(body);
  if (inner === undefined || there === null) return `${lines}\n${body}`;
  const end = closingBrace(body, there.index + there[0].length);
  const before = body.slice(0, end).trimEnd();
  const separator = /[{;,]$/.test(before) ? "" : ";";
  return `${before}${separator}\n${inner}\n${body.slice(end)}`;
}

/** @param from the place after the brace that is open */
function closingBrace(text: string, from: number): number {
  let open = 1;
  for (let index = from; index < text.length; index++) {
    if (text[index] === "{") open += 1;
    if (text[index] === "}") open -= 1;
    if (open === 0) return index;
  }
  throw new Error("a brace is not closed");
}

/** Adds lines to a YAML file as an administrator does: into the maps and lists that are there. */
export function pasteYaml(configuration: string, { section, lines }: ConfigurationFix): string {
  const root = (parse(configuration) ?? {}) as YamlMap;
  merge(section === "modules" ? modulesOf(root) : root, parse(lines) as YamlMap);
  return stringify(root);
}

interface YamlMap {
  [key: string]: unknown;
}

/** The map that mod_muc stands in: of the first host that has one of its own, or of all. */
function modulesOf(root: YamlMap): YamlMap {
  const hosts = Object.values((root.append_host_config ?? {}) as YamlMap) as YamlMap[];
  const maps = [...hosts, root].map(({ modules }) => modules);
  const found = maps.find((modules) => isMap(modules) && Object.hasOwn(modules, "mod_muc"));
  if (!isMap(found)) throw new Error("mod_muc is nowhere in the configuration");
  return found;
}

function merge(into: YamlMap, added: YamlMap): void {
  for (const [key, value] of Object.entries(added)) {
    const there = into[key];
    if (isMap(there) && isMap(value)) {
      merge(there, value);
    } else if (Array.isArray(there) && Array.isArray(value)) {
      const known = new Set(there.map((item) => JSON.stringify(item)));
      there.push(...value.filter((item) => !known.has(JSON.stringify(item))));
    } else {
      into[key] = value;
    }
  }
}

function isMap(value: unknown): value is YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
