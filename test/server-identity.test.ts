import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pino from "pino";
import * as assert from "uvu/assert";
import { InBandRegistration } from "../src/chat-server/xmpp/accounts/in-band-registration.js";
import { PasswordCheck } from "../src/chat-server/xmpp/accounts/password-check.js";
import { takesInvites } from "../src/chat-server/xmpp/capabilities/stream-features.js";
import { Session } from "../src/chat-server/xmpp/connection/session.js";
import { suite } from "./support/suite.js";
import { TlsXmppServer } from "./support/tls-xmpp-server.js";
import { writeCertificate } from "./support/write-certificate.js";

const HOST = "example.com";
const JID = `doorman@${HOST}`;
const PASSWORD = "opensesame";
const NEVER = new AbortController().signal;
const LOG = pino({ level: "silent" });

/** Everything that connects to the XMPP server, and what the server receives by it when it is the right one. */
const CONNECTIONS: [name: string, sends: string, connect: (service: string) => Promise<unknown>][] =
  [
    [
      "the session",
      "<auth",
      async (service) => {
        const session = new Session({ service, jid: JID, readPassword: () => PASSWORD }, LOG);
        await session.open().finally(() => session.close());
      },
    ],
    [
      "the password check",
      "<auth",
      (service) => new PasswordCheck(service, LOG).run(JID, PASSWORD, NEVER),
    ],
    [
      "the registration by invite",
      "a-token",
      (service) => new InBandRegistration(service).takesToken(HOST, "a-token", NEVER),
    ],
    ["the doctor's look", "<stream:stream", (service) => takesInvites(service, HOST, NEVER)],
  ];
/** The address is 127.0.0.1: a certificate for it alone is not one for the host. */
const CERTIFICATES: [names: string, isRight: boolean][] = [
  [`DNS:${HOST}`, true],
  ["DNS:localhost,IP:127.0.0.1", false],
];

const folder = process.env.DOORMAN_TEST_CERTIFICATES;
if (folder === undefined) playWithTrust();
else play(folder);

/** Plays this file again in a process that trusts the certificates, which can be said at its start alone. */
function playWithTrust(): void {
  const certificates = mkdtempSync(join(tmpdir(), "doorman-test-"));
  try {
    const all = CERTIFICATES.map(([names], index) => {
      const one = join(certificates, String(index));
      mkdirSync(one);
      writeCertificate(one, names);
      return readFileSync(join(one, "cert.pem"), "utf8");
    });
    const authorities = join(certificates, "all.pem");
    writeFileSync(authorities, all.join(""));
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], {
      stdio: "inherit",
      env: {
        ...process.env,
        DOORMAN_TEST_CERTIFICATES: certificates,
        NODE_EXTRA_CA_CERTS: authorities,
      },
    });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(certificates, { recursive: true, force: true });
  }
}

function play(certificates: string): void {
  const identity = suite<{ server: TlsXmppServer }>("the chat server's certificate names its host");
  identity.after.each(async ({ server }) => {
    await server.close();
  });

  for (const kind of ["direct TLS", "STARTTLS"] as const) {
    for (const [index, [names, isRight]] of CERTIFICATES.entries()) {
      for (const [name, sends, connect] of CONNECTIONS) {
        const outcome = isRight ? "takes" : "refuses, before it sends anything,";
        identity(`${name} by ${kind} ${outcome} a certificate for ${names}`, async (context) => {
          const server = await TlsXmppServer.start(join(certificates, String(index)), kind);
          context.server = server;
          const error = String(await connect(server.service).catch(String));
          assert.equal(server.names, [HOST], "the server was not told the host");
          assert.is(server.received.byTls.includes(sends), isRight, error);
          if (!isRight) {
            assert.is(server.received.byTls, "");
            assert.match(error, `the server's certificate does not name ${HOST}`);
          }
          for (const secret of [PASSWORD, "a-token", "<auth"]) {
            assert.not.ok(server.received.clear.includes(secret));
          }
        });
      }
    }
  }

  identity.run();
}
