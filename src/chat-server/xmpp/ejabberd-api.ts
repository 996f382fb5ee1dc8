import { z } from "zod";
import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { readBounded } from "../../limits/read-bounded.js";
import { before } from "../../waiting/before.js";
import { Outstanding } from "../../waiting/outstanding.js";
import { withDeadline } from "../../waiting/with-deadline.js";
import { describeTlsError } from "./connection/connection-error.js";
import { noAnswer } from "./connection/no-answer.js";

const TIMEOUT_MS = 10_000;
/** ejabberd's listeners take few connections at once unless their backlog says otherwise. */
const MAX_AT_ONCE = 4;
/** A hundred thousand rooms, or the largest roster that Doorman writes, many times over. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Is what most commands answer (ejabberd's rescode), read as true: it is so, or it was done. ejabberd
 * writes 0 for that, and 1 for no.
 */
export const RESULT_CODE = z
  .union([z.literal(0), z.literal(1)])
  .transform((code: number) => code === 0);

/** The arguments of a command by their names. */
export type CommandParameters = Readonly<Record<string, string | readonly string[]>>;

interface EjabberdApiOptions {
  /** Without a final slash. */
  url: string;
  /** The bare JID of Doorman's account, whose password is good for the API as well. */
  jid: string;
  readPassword: () => string;
  /** How many requests may be under way at once; there are never more than 4. */
  maxOutstanding: number;
}

/** Calls commands of ejabberd's own API over HTTP, its mod_http_api. */
export class EjabberdApi {
  /** Without a final slash. */
  readonly url: string;
  readonly #jid: string;
  readonly #readPassword: () => string;
  readonly #outstanding: Outstanding;

  constructor({ url, jid, readPassword, maxOutstanding }: EjabberdApiOptions) {
    this.url = url;
    this.#jid = jid;
    this.#readPassword = readPassword;
    this.#outstanding = new Outstanding(Math.min(MAX_AT_ONCE, maxOutstanding));
  }

  /**
   * Answers what a command answers.
   * @param answer reads its JSON
   * @param task what it does, for errors
   * @throws SERVER_UNAVAILABLE, TOO_MANY_CALLS, SERVER_NO_ANSWER, SERVER_LACKS_FEATURE, SERVER_REFUSED
   */
  async call<T>(
    command: string,
    parameters: CommandParameters,
    answer: z.ZodType<T>,
    { task, signal }: { task: string; signal: AbortSignal },
  ): Promise<T> {
    const { status, text } = await this.ask(command, parameters, task, signal);
    if (status === 200) return this.#read(command, text, answer);
    if (status === 401) {
      throw new DoormanError(
        ErrorReason.SERVER_UNAVAILABLE,
        `ejabberd's API does not take the password of ${this.#jid}; nothing was done`,
      );
    }
    if (isElsewhere(status, text)) throw this.#notTheApi(`answered with status ${status}`);
    if (status === 403 || status === 404) {
      throw new DoormanError(
        ErrorReason.SERVER_LACKS_FEATURE,
        `ejabberd does not let Doorman ${task}: permit the command ${command} to Doorman's account in api_permissions (status ${status})`,
      );
    }
    throw new DoormanError(
      ErrorReason.SERVER_REFUSED,
      `The chat server would not ${task}: its API answered with status ${status}`,
      { stanza: { condition: "undefined-condition", type: "cancel", by: "", text } },
    );
  }

  #read<T>(command: string, text: string, answer: z.ZodType<T>): T {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw this.#notTheApi(`answered ${command} with no JSON`);
    }
    const read = answer.safeParse(json);
    if (read.success) return read.data;
    throw this.#notTheApi(`answered ${command} in a form that Doorman does not know`);
  }

  #notTheApi(why: string): DoormanError {
    return new DoormanError(
      ErrorReason.SERVER_LACKS_FEATURE,
      `What is at ${this.url} is not ejabberd's API as Doorman knows it: it ${why}. Set xmpp.ejabberd_api to the address of mod_http_api, its path included (Doorman was tried with ejabberd 23.01 and 24.12)`,
    );
  }

  /**
   * Answers a command's status and text, whatever they are.
   * @throws SERVER_UNAVAILABLE, TOO_MANY_CALLS, SERVER_NO_ANSWER, and SERVER_LACKS_FEATURE where no HTTP
   *   is spoken
   */
  ask(
    command: string,
    parameters: CommandParameters,
    task: string,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const post = () => this.#post(command, parameters, task);
    return this.#outstanding.ask(task, signal, post, () => tooLate(task));
  }

  async #post(
    command: string,
    parameters: CommandParameters,
    task: string,
  ): Promise<{ status: number; text: string }> {
    try {
      return await withDeadline(NEVER, TIMEOUT_MS, (deadline) =>
        // Raced as well, because fetch forgets its signal when the answer has begun.
        before(this.#fetch(command, parameters, deadline), deadline, TIMEOUT_MS, () =>
          tooLate(task),
        ),
      );
    } catch (error) {
      if (error instanceof DoormanError) throw error;
      const { cause } = error as Error;
      const { code = "" } = (cause ?? {}) as NodeJS.ErrnoException;
      if (isNotHttp(cause)) throw this.#notTheApi("does not speak HTTP");
      const tls = describeTlsError(cause);
      if (tls !== undefined) {
        throw new DoormanError(
          ErrorReason.SERVER_UNAVAILABLE,
          `Doorman cannot reach ejabberd's API, ${this.url}: ${tls}; nothing was done`,
        );
      }
      if (!NOT_CONNECTED.has(code)) throw noAnswer(task, "its answer was cut short");
      throw new DoormanError(
        ErrorReason.SERVER_UNAVAILABLE,
        `Nothing listens at ejabberd's API, ${this.url} (${code}); nothing was done`,
      );
    }
  }

  async #fetch(
    command: string,
    parameters: CommandParameters,
    deadline: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.url}/${command}`, {
      method: "POST",
      headers: { Authorization: this.#authorization(), "Content-Type": "application/json" },
      body: JSON.stringify(parameters),
      redirect: "manual",
      signal: deadline,
    });
    const text = await readBounded(response, MAX_ANSWER_BYTES, (why) => this.#notTheApi(why));
    return { status: response.status, text };
  }

  #authorization(): string {
    try {
      const credentials = `${this.#jid}:${this.#readPassword()}`;
      return `Basic ${Buffer.from(credentials).toString("base64")}`;
    } catch (error) {
      throw new DoormanError(
        ErrorReason.SERVER_UNAVAILABLE,
        `The password of ${this.#jid} cannot be read; nothing was done`,
        { cause: error },
      );
    }
  }
}

function tooLate(task: string): DoormanError {
  return noAnswer(task, "it did not answer in time");
}

/**
 * Whether a status is that of something else than mod_http_api: a page that there is not, where ejabberd
 * would say that it has no such command (code 40), or a redirect, which it never sends.
 */
export function isElsewhere(status: number, text: string): boolean {
  if (status !== 404) return status >= 300 && status < 400;
  try {
    return !UNKNOWN_COMMAND.safeParse(JSON.parse(text)).success;
  } catch {
    return true;
  }
}

/**
 * Returns whether an answer with status 400 complains of the names or types of a command's arguments, which
 * differ between versions, and not of their values: "Request have unknown arguments: [group]".
 */
export function refusesArguments(text: string): boolean {
  return /\barg(ument)?s?\b/i.test(text);
}

const UNKNOWN_COMMAND = z.object({ code: z.literal(40) });

const NEVER = new AbortController().signal;

/** What Node.js says when there was no connection that anything could have been sent on. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * The codes of a first line that is not HTTP, and of a TLS handshake with a server that does not speak TLS.
 * An answer that ended early (HPE_INVALID_EOF_STATE) began as HTTP.
 */
const NOT_HTTP =
  /^HPE_(?!INVALID_EOF_STATE)|^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/;

/** Whether a request failed because what answered does not speak HTTP. */
function isNotHttp(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const { code = "" } = cause as NodeJS.ErrnoException;
  // Node.js 24 gives these errors no code.
  const isFirstLine = cause.name === "HTTPParserError" && cause.message.includes("does not match");
  return isFirstLine || NOT_HTTP.test(code);
}
