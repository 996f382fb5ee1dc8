import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { HatLedger } from "../chat-server/hat-ledger.js";
import { startChatServer } from "../chat-server/start-chat-server.js";
import type { Configuration } from "../configuration/configuration.js";
import { type ListenAddress, urlOf } from "../configuration/listen-address.js";
import type { Schema } from "../database/schema.js";
import { exposureWarnings } from "./exposure-warnings.js";
import type { HttpListener } from "./http-message.js";
import { openClearTextPort } from "./ports/clear-text-port.js";
import { connectionLimit } from "./ports/connection-limit.js";
import type { Port } from "./ports/port.js";
import { openTlsPort } from "./ports/tls-port.js";
import { requestListener } from "./request-listener.js";

/** Is a Doorman that serves. */
export interface DoormanServer {
  readonly address: ListenAddress;
  /** Undefined where there is no port with TLS. */
  readonly tlsAddress: ListenAddress | undefined;
  /** Reads the certificate of the port with TLS anew; does nothing where there is none. */
  reloadCertificate(): void;
  /** Lets the calls under way finish, then leaves the chat server. */
  close(): Promise<void>;
}

/** Starts Doorman: connects to the chat server or starts the sandbox, and opens its ports. */
export async function startDoormanServer(
  configuration: Configuration,
  database: Kysely<Schema>,
  log: Logger,
): Promise<DoormanServer> {
  const started = await startChatServer(configuration, new HatLedger(database), log);
  const ports: Port[] = [];
  const closing = new AbortController();
  let stopRequests = async () => {};
  async function close(): Promise<void> {
    closing.abort();
    await Promise.all(ports.map((port) => port.close()));
    await stopRequests();
    await started.chatServer.close();
  }

  // Links name the port, which the system may choose: requests wait until everything is put together.
  let answerWith: (listener: HttpListener) => void = () => {};
  const whole = new Promise<HttpListener>((resolve) => {
    answerWith = resolve;
  });
  const listener: HttpListener = (request, response) => {
    void whole.then((answer) => answer(request, response));
  };

  for (const warning of exposureWarnings(configuration)) log.warn(warning);
  try {
    const admit = connectionLimit(configuration, log);
    const clearText = await openClearTextPort(configuration.listen, listener, { admit });
    ports.push(clearText);
    const { tls } = configuration;
    const tlsPort = tls && (await openTlsPort(tls.listen, tls, listener, admit));
    if (tlsPort) ports.push(tlsPort);
    const publicUrl = configuration.public_url ?? urlOf(clearText.address);
    const requests = requestListener({
      configuration,
      database,
      started,
      publicUrl,
      log,
      closing: closing.signal,
    });
    stopRequests = requests.stop;
    answerWith(requests.listener);
    return {
      address: clearText.address,
      tlsAddress: tlsPort?.address,
      reloadCertificate: () => tlsPort?.reloadCertificate(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
