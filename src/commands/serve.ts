import type { Configuration } from "../configuration/configuration.js";
import { ConfigurationError } from "../configuration/configuration-error.js";
import { type ListenAddress, urlOf } from "../configuration/listen-address.js";
import { KeyStore } from "../keys/key-store.js";
import { openLog } from "../log/open-log.js";
import { startDoormanServer } from "../server/doorman-server.js";
import type { CommonOptions } from "./common-options.js";
import { firstScreen } from "./first-screen.js";
import { configurationOf, openData } from "./options.js";

/** Serves until a signal ends it. */
export async function serve(options: CommonOptions & { listen?: ListenAddress }): Promise<void> {
  const configuration = configurationOf(options);
  if (options.listen) configuration.listen = options.listen;
  // Standard output is for people, standard error for the log.
  const { log, close: closeLog } = await openLog(configuration.log_level);
  const database = await openData(configuration);
  const server = await startDoormanServer(configuration, database, log).catch(async (error) => {
    await database.destroy();
    await closeLog();
    throw describeStartError(error, configuration);
  });
  async function stop(): Promise<void> {
    await server.close();
    await database.destroy();
    await closeLog();
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
  console.log(await firstScreen(configuration, options, new KeyStore(database), url));
}

/** Says what to do about a port that cannot be had, or a certificate that cannot be read. */
function describeStartError(error: unknown, { tls }: Configuration): unknown {
  const { code, port, path, message } = error as NodeJS.ErrnoException & { port?: number };
  const option = tls !== undefined && tls.listen.port === port ? "tls.listen" : "--listen";
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
