import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { before } from "../../waiting/before.js";
import { Outstanding } from "../../waiting/outstanding.js";
import { withDeadline } from "../../waiting/with-deadline.js";
import { noAnswer } from "./connection/no-answer.js";

const TIMEOUT_MS = 10_000;
/** ejabberd's listeners take few connections at once unless their backlog says otherwise. */
const MAX_AT_ONCE = 4;

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
   * Answers what a command answers, as JSON.
   * @param task what it does, for errors
   * @throws SERVER_UNAVAILABLE, TOO_MANY_CALLS, SERVER_NO_ANSWER, SERVER_LACKS_FEATURE, SERVER_REFUSED
   */
  async call(
    command: string,
    parameters: Record<string, string>,
    task: string,
    signal: AbortSignal,
  ): Promise<unknown> {
    const { status, text } = await this.ask(command, parameters, task, signal);
    if (status === 200) return JSON.parse(text);
    if (status === 401) {
      throw new DoormanError(
        ErrorReason.SERVER_UNAVAILABLE,
        `ejabberd's API does not take the password of ${this.#jid}; nothing was done`,
      );
    }
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

  /**
   * Answers a command's status and text, whatever they are.
   * @throws SERVER_UNAVAILABLE, TOO_MANY_CALLS, SERVER_NO_ANSWER
   */
  ask(
    command: string,
    parameters: Record<string, string>,
    task: string,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const post = () => this.#post(command, parameters, task);
    return this.#outstanding.ask(task, signal, post, () => tooLate(task));
  }

  async #post(
    command: string,
    parameters: Record<string, string>,
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
      const { code = "" } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
      if (!NOT_CONNECTED.has(code)) throw noAnswer(task, "its answer was cut short");
      throw new DoormanError(
        ErrorReason.SERVER_UNAVAILABLE,
        `Nothing listens at ejabberd's API, ${this.url} (${code}); nothing was done`,
      );
    }
  }

  async #fetch(
    command: string,
    parameters: Record<string, string>,
    deadline: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.url}/${command}`, {
      method: "POST",
      headers: { Authorization: this.#authorization(), "Content-Type": "application/json" },
      body: JSON.stringify(parameters),
      redirect: "manual",
      signal: deadline,
    });
    return { status: response.status, text: await response.text() };
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
