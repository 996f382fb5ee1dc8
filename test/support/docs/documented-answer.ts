/** Are what answers have in the place of words in the documents. */
const PLACEHOLDERS: Record<string, string> = {
  TOKEN: "[\\w-]{24}",
  OTHER_TOKEN: "[\\w-]{24}",
  INVITE_ID: "[\\da-f-]{36}",
  REDEEM_TIME: "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z",
  KEY_ID: "[\\w-]{8}",
  PAGE_TOKEN: "[\\w-]+",
  PORT: "\\d+",
  CREATE_TIME: "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z",
  EXPIRE_TIME: "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z",
};
const PLACEHOLDER = new RegExp(
  `(?<![A-Z_])(?:${Object.keys(PLACEHOLDERS).join("|")})(?![A-Z_])`,
  "g",
);

/** Compares answers with what a document says they are, and remembers what its words stood for. */
export class DocumentedAnswers {
  /** Is what TOKEN stood for the first time, and from then on must stand for. */
  token: string | undefined;

  /** Answers in what two JSON texts differ; nothing when they are alike. */
  jsonFaults(expected: string, actual: string): string[] {
    return this.valueFaults(JSON.parse(expected), parseJson(actual), "the answer");
  }

  /**
   * Answers in what an answer as `curl -i` prints it differs: the status and the headers that are
   * shown, and the body, up to where the document leaves off with an ellipsis.
   */
  httpFaults(expected: string, actual: string): string[] {
    const [expectedHead = "", expectedBody = ""] = splitOnce(expected.trimEnd(), "\n\n");
    const [head = "", body = ""] = splitOnce(actual.replaceAll("\r", ""), "\n\n");
    const lines = head.split("\n").map(withLowerCaseName);
    const missing = expectedHead
      .split("\n")
      .map(withLowerCaseName)
      .filter((line) => !lines.some((other) => this.matches(line, other)));
    const goesOn = expectedBody.endsWith("\n…");
    const shownBody = goesOn ? expectedBody.slice(0, -2) : expectedBody;
    const comparedBody = goesOn ? body.slice(0, shownBody.length) : body.trimEnd();
    return [
      ...missing.map((line) => `there is no ${line} among:\n${head}`),
      ...this.textFaults(shownBody, comparedBody),
    ];
  }

  /** Answers in what two texts differ. */
  textFaults(expected: string, actual: string): string[] {
    return this.matches(expected, actual) ? [] : [`${actual} is not ${expected}`];
  }

  private valueFaults(expected: unknown, actual: unknown, where: string): string[] {
    if (typeof expected === "string" && typeof actual === "string") {
      return this.textFaults(expected, actual).map((fault) => `${where}: ${fault}`);
    }
    if (!isObject(expected) || !isObject(actual)) {
      if (expected === actual) return [];
      return [`${where} is ${JSON.stringify(actual)} and not ${JSON.stringify(expected)}`];
    }
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...names].flatMap((name) =>
      this.valueFaults(expected[name], actual[name], `${where}.${name}`),
    );
  }

  private matches(expected: string, actual: string): boolean {
    const pattern = expected
      .replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
      .replaceAll(PLACEHOLDER, (name) =>
        name === "TOKEN" ? (this.token ?? `(${PLACEHOLDERS.TOKEN})`) : (PLACEHOLDERS[name] ?? name),
      );
    const match = new RegExp(`^${pattern}$`).exec(actual);
    this.token ??= match?.[1];
    return match !== null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return `no JSON: ${text}`;
  }
}

/** Header names differ in case between HTTP/1.1 servers, and say the same. */
function withLowerCaseName(line: string): string {
  return line.replace(/^[\w-]+(?=:)/, (name) => name.toLowerCase());
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
