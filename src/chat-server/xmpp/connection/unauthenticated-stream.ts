import { randomUUID } from "node:crypto";
import { type Client, client, xml } from "@xmpp/client";
import { before } from "../../../waiting/before.js";
import { attribute, bareOf, type Element } from "../stanzas/stanza.js";
import { describeConnectionError } from "./connection-error.js";
import { destroySocket, hardenClient, leadsToLoopback } from "./harden-client.js";

const NS_STREAM = "http://etherx.jabber.org/streams";
/** Connecting, TLS, and the server's features. */
const OPEN_TIMEOUT_MS = 8_000;
const ANSWER_TIMEOUT_MS = 8_000;

/**
 * A connection to a host that never logs in, for what servers offer to those who have no account. It is
 * used once, and broken off by `close`.
 */
export class UnauthenticatedStream {
  readonly #client: Client;
  readonly #host: string;
  /** Rejects when the stream ends, for those who wait for something on it. */
  readonly #ended: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #features: Element | undefined;
  #isOver = false;
  #askFor: () => void = () => {};

  /** @param service `xmpp://HOST:PORT` or `xmpps://HOST:PORT` */
  constructor(service: string, host: string) {
    this.#host = host;
    this.#ended = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Nobody may be waiting when it ends.
    this.#ended.catch(() => {});
    this.#client = client({
      service,
      domain: host,
      timeout: OPEN_TIMEOUT_MS,
      // Asked for when the server has offered its features, over TLS where it has that.
      credentials: () => {
        this.#askFor();
        return new Promise<void>(() => {});
      },
    });
    hardenClient(this.#client, {
      isOver: () => this.#isOver,
      onUnreadable: (error) => this.#fail(error),
    });
    this.#client.on("element", (element: Element) => {
      if (element.is("features", NS_STREAM)) this.#features = element;
    });
    this.#client.on("error", (error: Error) => this.#fail(error));
    // A redirect to another server (see-other-host) ends it too.
    this.#client.on("disconnect", () => this.#fail(new Error("the connection was lost")));
    // The library follows a redirect by itself, even when the stream is over.
    this.#client.on("connect", () => {
      if (this.#isOver) destroySocket(this.#client);
    });
  }

  /**
   * Connects, by TLS where the server offers it.
   * @returns what the server offers
   * @throws Error with a message fit for people
   */
  async open(signal: AbortSignal): Promise<Element> {
    const offered = new Promise<void>((resolve) => {
      this.#askFor = resolve;
    });
    const { service = "" } = this.#client.options;
    this.#client
      .connect(service)
      .then(() => this.#client.open({ domain: this.#host }))
      .catch(this.#fail);
    await this.#unlessEnded(offered, signal, OPEN_TIMEOUT_MS);
    if (this.#features === undefined) throw new Error("the server offers nothing");
    return this.#features;
  }

  /** Whether a password may be sent: in clear text it may to this machine alone, by the socket's address. */
  get isPrivate(): boolean {
    return this.#client.isSecure() || leadsToLoopback(this.#client);
  }

  /**
   * Asks the host something (RFC 6120 section 8.2.3), and answers its stanza, which may be an error.
   * @throws Error with a message fit for people, when there is no answer
   */
  async ask(payload: Element, signal: AbortSignal): Promise<Element> {
    const id = randomUUID();
    const answer = new Promise<Element>((resolve) => {
      this.#client.on("stanza", (stanza: Element) => {
        const from = attribute(stanza, "from");
        const isOurs = stanza.name === "iq" && attribute(stanza, "id") === id;
        if (isOurs && (from === "" || bareOf(from) === this.#host)) resolve(stanza);
      });
    });
    const iq = xml("iq", { type: "set", to: this.#host, id }, payload);
    this.#client.send(iq).catch(this.#fail);
    return await this.#unlessEnded(answer, signal, ANSWER_TIMEOUT_MS);
  }

  close(): void {
    this.#isOver = true;
    destroySocket(this.#client);
  }

  async #unlessEnded<T>(work: Promise<T>, signal: AbortSignal, timeoutMs: number): Promise<T> {
    try {
      const first = Promise.race([work, this.#ended]);
      return await before(first, signal, timeoutMs, () => new Error("it did not answer in time"));
    } catch (error) {
      throw new Error(describeConnectionError(error));
    }
  }
}
