import { pino } from "pino";
import type { Configuration } from "../configuration/configuration.js";
import { ConfigurationError } from "../configuration/configuration-file.js";
import { type ListenAddress, urlOf } from "../configuration/listen-address.js";
import { hostNames } from "../hosts/host-names.js";
import { DEFAULT_GRANTS, SANDBOX_GRANTS } from "../keys/grants.js";
import { KeyStore } from "../keys/key-store.js";
import { startDoormanServer } from "../server/doorman-server.js";
import type { CommonOptions } from "./common-options.js";
import { configurationOf, openData } from "./options.js";

/** Serves until a signal ends it. */
export async function serve(options: CommonOptions & { listen?: ListenAddress }): Promise<void> {
  const configuration = configurationOf(options);
  if (options.listen) configuration.listen = options.listen;
  // Standard output is for people, standard error for the log.
  const log = pino({ level: configuration.log_level }, pino.destination({ dest: 2, sync: true }));
  const database = await openData(configuration);
  const server = await startDoormanServer(configuration, database, log).catch(async (error) => {
    await database.destroy();
    throw describeStartError(error, configuration);
  });
  async function stop(): Promise<void> {
    await server.close();
    await database.destroy();
    // The XMPP library's timers may outlive its connection by some seconds.
    process.exit();
  }
  process.on("SIGHUP", () => {
    try {
      server.reloadCertificate();
      log.info("the certificate was read anew");
    } catch (error) {
      log.error({ err: error }, "the certificate cannot be read; the old one stays in use");
    }
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      log.info({ signal }, "stopping");
      void stop();
    });
  }

  const url = urlOf(server.address);
  console.log(`Doorman listens on ${url}`);
  if (server.tlsAddress) {
    const { host, port } = server.tlsAddress;
    console.log(`Doorman listens with TLS on ${host}:${port}`);
  }
  console.log(await nextStep(configuration, new KeyStore(database), url));
}

/** Tells a newcomer what to do next: in the sandbox with a first key, when there is none yet. */
async function nextStep(
  configuration: Configuration,
  keyStore: KeyStore,
  url: string,
): Promise<string> {
  const [host = ""] = hostNames(configuration);
  const create = `npx doorman keys create ${host}`;
  if (configuration.xmpp) return `Create a key with: ${create} (and the same --config and --data)`;
  if (!(await keyStore.isEmpty()))
    return `Try: curl -v '${url}/invites_api?key=KEY' (another key: ${create})`;
  const grants = [...DEFAULT_GRANTS, ...SANDBOX_GRANTS];
  const key = await keyStore.create(host, "first key", grants, undefined);
  return [
    "This is the sandbox: a place to try Doorman and to test a client, not a chat server.",
    `Your first key, for ${host}, shown only now: ${key}`,
    `Try: curl -v '${url}/invites_api?key=${key}'`,
  ].join("\n");
}

/** Says what to do about a port that cannot be had, or a certificate that cannot be read. */
function describeStartError(error: unknown, { tls }: Configuration): unknown {
  const { code, port, path, message } = error as NodeJS.ErrnoException & { port?: number };
  const option = tls?.listen.port === port ? "tls.listen" : "--listen";
  if (code === "EADDRINUSE") {
    const whose = port === 5280 ? " (5280 is Prosody's own default)" : "";
    return new ConfigurationError(
      `port ${port} is taken${whose}: stop what uses it, or choose another with ${option}`,
    );
  }
  if (code === "EACCES" && port !== undefined) {
    return new ConfigurationError(
      `port ${port} may not be used by this user: choose one above 1023 with ${option}`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new ConfigurationError(
      `this machine has no such address (${message}): choose another with ${option}`,
    );
  }
  const isCertificate = path !== undefined && (path === tls?.cert || path === tls?.key);
  if (isCertificate || code?.startsWith("ERR_OSSL")) {
    return new ConfigurationError(`tls: the certificate cannot be used: ${message}`);
  }
  return error;
}
