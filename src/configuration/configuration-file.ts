import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from "yaml";
import type { z } from "zod";
import { type Configuration, configurationSchema } from "./configuration.js";
import { ConfigurationError } from "./configuration-error.js";
import { OWNER_AND_READING_GROUP, requirePrivate } from "./private-file.js";

/**
 * Reads and checks the whole configuration. Relative paths in the file start at its folder.
 * @param file undefined takes the defaults, which make the sandbox
 * @throws ConfigurationError naming file, line and key of everything that is wrong
 */
export function readConfiguration(file: string | undefined): Configuration {
  if (file === undefined) return configurationSchema.parse({});
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const faults = document.errors.map(
    (error) => `${file}:${lines.linePos(error.pos[0]).line}: ${error.message.split("\n")[0]}`,
  );
  if (faults.length > 0) throw new ConfigurationError(faults.join("\n"));
  const result = configurationSchema.safeParse(expandAliases(document, file, lines) ?? {});
  if (!result.success) {
    const texts = result.error.issues.flatMap((issue) =>
      describeIssue(issue, file, document, lines),
    );
    throw new ConfigurationError(texts.join("\n"));
  }
  const inItsFolder = (path: string) => resolve(dirname(file), path);
  const configuration = result.data;
  configuration.data = inItsFolder(configuration.data);
  if (configuration.xmpp?.password_file) {
    configuration.xmpp.password_file = inItsFolder(configuration.xmpp.password_file);
  }
  const { tls } = configuration;
  if (tls) configuration.tls = { ...tls, cert: inItsFolder(tls.cert), key: inItsFolder(tls.key) };
  return configuration;
}

/**
 * Reads the password of Doorman's XMPP account: from DOORMAN_XMPP_PASSWORD, else from the first line
 * of the file.
 * @throws ConfigurationError also when others may read the file
 */
export function readXmppPassword(xmpp: NonNullable<Configuration["xmpp"]>): string {
  const fromEnvironment = process.env.DOORMAN_XMPP_PASSWORD;
  if (fromEnvironment) return fromEnvironment;
  if (xmpp.password_file === undefined) {
    throw new ConfigurationError(
      `No password for ${xmpp.jid.bare}: set xmpp.password_file or the environment variable DOORMAN_XMPP_PASSWORD`,
    );
  }
  requirePrivate(
    [xmpp.password_file],
    OWNER_AND_READING_GROUP,
    "the password of Doorman's account",
  );
  const [password] = readText(xmpp.password_file).split(/\r?\n/, 1);
  if (password) return password;
  throw new ConfigurationError(
    `The password file ${xmpp.password_file} is empty: write the password of ${xmpp.jid.bare} on its first line`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(`Cannot read ${file}: ${(error as Error).message}`);
  }
}

/** @throws ConfigurationError for an alias of nothing, or aliases that expand without end */
function expandAliases(document: Document, file: string, lines: LineCounter): unknown {
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return;
      const { line } = lines.linePos(alias.range?.[0] ?? 0);
      throw new ConfigurationError(`${file}:${line}: *${alias.source}: this alias is of nothing`);
    },
  });
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigurationError(`${file}:1: ${(error as Error).message}`);
  }
}

function describeIssue(
  issue: z.core.$ZodIssue,
  file: string,
  document: Document,
  lines: LineCounter,
): string[] {
  const describe = (path: PropertyKey[], message: string) => {
    const line = lines.linePos(offsetOf(path, document)).line;
    return `${file}:${line}: ${path.join(".") || "the file"}: ${message}`;
  };
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => describe([...issue.path, key], "this key is not known"));
  }
  if (issue.code === "invalid_key") {
    return [describe(issue.path, issue.issues.map(({ message }) => message).join("; "))];
  }
  return [describe(issue.path, issue.message)];
}

/** Finds where the key that a path ends in stands; where it is missing, the nearest thing above it. */
function offsetOf(path: PropertyKey[], document: Document): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(step),
      );
      if (isNode(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      next = pair?.value;
    } else if (isSeq(node)) {
      next = node.items[Number(step)];
      if (isNode(next)) offset = next.range?.[0] ?? offset;
    }
    if (next === undefined) break;
    node = next;
  }
  return offset;
}
