import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect as connectInClearText, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import * as assert from "uvu/assert";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { DoormanProcess, runDoorman } from "./support/doorman-process.js";
import { PATIENCE_MS, until } from "./support/patience.js";
import { suite } from "./support/suite.js";
import { writeCertificate } from "./support/write-certificate.js";

interface Context {
  folder: string;
  doorman: DoormanProcess;
  /** The port with TLS. */
  port: number;
}

const tls = suite<Context>("the port with TLS");

tls.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  writeCertificate(context.folder);
  const configuration = join(context.folder, "doorman.yaml");
  writeFileSync(configuration, "tls: { listen: 127.0.0.1:0, cert: cert.pem, key: key.pem }\n");
  context.doorman = await DoormanProcess.serve(context.folder, "--config", configuration);
  context.port = Number(/with TLS on 127\.0\.0\.1:(\d+)/.exec(context.doorman.stdout)?.[1]);
});
tls.after.each(async ({ folder, doorman }) => {
  await doorman.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const transports = {
  "Connect over HTTP/1.1": (baseUrl: string, ca: Buffer) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions: { ca } }),
  "Connect over HTTP/2": (baseUrl: string, ca: Buffer) =>
    createConnectTransport({ baseUrl, httpVersion: "2", nodeOptions: { ca } }),
  "gRPC over HTTP/2": (baseUrl: string, ca: Buffer) =>
    createGrpcTransport({ baseUrl, nodeOptions: { ca } }),
};

for (const [name, transport] of Object.entries(transports)) {
  tls(`serves ${name}`, async ({ folder, doorman, port }) => {
    const ca = readFileSync(join(folder, "cert.pem"));
    const client = createClient(RosterService, transport(`https://localhost:${port}`, ca));
    const headers = { Authorization: `Bearer ${doorman.firstKey}` };
    const { contacts } = await client.getRoster(
      { userJid: "john@example.com" },
      { headers, timeoutMs: PATIENCE_MS },
    );
    assert.equal(contacts, []);
  });
}

tls(
  "takes a new certificate at SIGHUP, and keeps the old one when it is broken",
  async ({ folder, doorman, port }) => {
    const first = await servedFingerprint(port);
    writeFileSync(join(folder, "cert.pem"), "not a certificate");
    doorman.signal("SIGHUP");
    assert.is(await servedFingerprint(port), first);
    writeCertificate(folder);
    doorman.signal("SIGHUP");
    // A signal has no answer: looks until the new one is served.
    await until(async () => (await servedFingerprint(port)) !== first, "new certificate");
    assert.is.not(await servedFingerprint(port), first);
  },
);

tls("refuses to start with a certificate that cannot be read, and says so", async ({ folder }) => {
  const configuration = join(folder, "other.yaml");
  writeFileSync(configuration, "tls: { listen: 127.0.0.1:0, cert: none.pem, key: key.pem }\n");
  const outcome = await runDoorman(
    ...["serve", "--data", folder, "--listen", "127.0.0.1:0", "--config", configuration],
  );
  assert.is(outcome.status, 1);
  assert.match(outcome.stderr, "Error: tls: the certificate cannot be used");
});

const REFUSED = {
  ec: ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"],
  rsa: ["AES128-GCM-SHA256", "AES256-SHA256", "ECDHE-RSA-AES128-SHA256"],
};
const TAKEN = {
  ec: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
  rsa: ["ECDHE-RSA-AES256-GCM-SHA384"],
};

for (const keyType of ["ec", "rsa"] as const) {
  tls(
    `takes below TLS 1.3 only ECDHE with AEAD, with a certificate of ${keyType}`,
    async (context) => {
      const { folder, doorman, port } = context;
      writeCertificate(folder, undefined, keyType);
      const before = await servedFingerprint(port);
      doorman.signal("SIGHUP");
      await until(async () => (await servedFingerprint(port)) !== before, "new certificate");
      for (const cipher of TAKEN[keyType]) assert.is(await agreedCipher(port, cipher), cipher);
      for (const cipher of REFUSED[keyType]) {
        assert.match(await agreedCipher(port, cipher), /HANDSHAKE_FAILURE/, cipher);
      }
    },
  );
}

tls("says nothing about Strict-Transport-Security unless told to", async (context) => {
  assert.is(await hstsOver(context), undefined);
});

tls("sends Strict-Transport-Security when configured, over TLS alone", async (context) => {
  await restart(context, "hsts: 365d", "");
  assert.is(await hstsOver(context), "max-age=31536000");
  const inClearText = await fetch(`${context.doorman.url}/healthz`);
  assert.is(inClearText.headers.get("Strict-Transport-Security"), null);
});

tls("counts connections of one address together with those to the other port", async (context) => {
  await restart(context, "", "connections_per_address: 2\n");
  const clearPort = Number(new URL(context.doorman.url).port);
  const open: Socket[] = [];
  const overTls = () => {
    const socket = connect({ port: context.port, host: "127.0.0.1", rejectUnauthorized: false });
    open.push(socket);
    return isServed(socket, "secureConnect");
  };
  const inClearText = () => {
    const socket = connectInClearText(clearPort, "127.0.0.1");
    open.push(socket);
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return isServed(socket, "data");
  };
  try {
    assert.equal([await overTls(), await inClearText()], [true, true]);
    assert.equal([await overTls(), await inClearText()], [false, false]);
  } finally {
    for (const socket of open) socket.destroy();
  }
});

tls.run();

/** Returns whether a connection gets as far as an event, and is not closed before it. */
function isServed(socket: Socket, event: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve(true));
    socket.once("close", () => resolve(false));
    socket.on("error", () => {});
    socket.setTimeout(PATIENCE_MS, () => reject(new Error("neither served nor closed in time")));
  });
}

/** Restarts Doorman with more settings, of the port and of the whole. */
async function restart(context: Context, ofPort: string, ofAll: string): Promise<void> {
  const configuration = join(context.folder, "changed.yaml");
  const port = `listen: 127.0.0.1:0, cert: cert.pem, key: key.pem, ${ofPort}`;
  writeFileSync(configuration, `tls: { ${port} }\n${ofAll}`);
  await context.doorman.stop("SIGTERM");
  context.doorman = await DoormanProcess.serve(context.folder, "--config", configuration);
  context.port = Number(/with TLS on 127\.0\.0\.1:(\d+)/.exec(context.doorman.stdout)?.[1]);
}

/** Returns the name of the cipher that a client of TLS 1.2 gets, or the code of its error. */
function agreedCipher(port: number, ciphers: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      ...{ port, host: "127.0.0.1", maxVersion: "TLSv1.2", ciphers },
      ...{ rejectUnauthorized: false, timeout: PATIENCE_MS },
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.once("secureConnect", () => {
      resolve(socket.getCipher().name);
      socket.destroy();
    });
  });
}

async function hstsOver({ folder, port }: Context): Promise<string | undefined> {
  const ca = readFileSync(join(folder, "cert.pem"));
  const sent = request(`https://localhost:${port}/healthz`, { ca, timeout: PATIENCE_MS });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return response.headers["strict-transport-security"];
}

function servedFingerprint(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // The test looks at the certificate and trusts nothing that comes after it.
    const socket = connect({
      port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      timeout: PATIENCE_MS,
    });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
  });
}
