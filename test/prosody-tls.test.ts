import { copyFileSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import * as assert from "uvu/assert";
import { Session } from "../src/chat-server/xmpp/connection/session.js";
import type { DebianRelease } from "./support/debian-release.js";
import { until } from "./support/patience.js";
import { freePort, type Prosody, startProsody } from "./support/prosody.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";
import { writeCertificate } from "./support/write-certificate.js";

const LOG = pino({ level: "silent" });

const INSTALLED = (["12", "13"] as const).filter((release) =>
  prosodyIsThere(`Prosody of Debian ${release}: TLS`, release),
);

const words = suite<{ prosody: Prosody | undefined }>("Prosody: what is wrong with TLS, in words");
words.after.each(async (context) => {
  await context.prosody?.stop();
  context.prosody = undefined;
});

for (const release of INSTALLED) {
  words(`Debian ${release}: no certificate for the host`, async (context) => {
    const tlsPort = await freePort();
    const prosody = await startWithTls(release, tlsPort);
    context.prosody = prosody;
    for (const service of [prosody.service, `xmpps://127.0.0.1:${tlsPort}`]) {
      says(await outcome(service), "probably because it has no certificate for this host");
    }
  });

  words(`Debian ${release}: TLS at the port for clear text`, async (context) => {
    context.prosody = await startWithTls(release, await freePort());
    const service = context.prosody.service.replace("xmpp:", "xmpps:");
    says(await outcome(service), "the port takes clear text");
  });

  words(`Debian ${release}: a certificate of an unknown authority`, async (context) => {
    const tlsPort = await freePort();
    const prosody = await startWithTls(release, tlsPort);
    context.prosody = prosody;
    const certificates = join(prosody.folder, "certs");
    writeCertificate(certificates, "DNS:example.com");
    copyFileSync(join(certificates, "cert.pem"), join(certificates, "example.com.crt"));
    copyFileSync(join(certificates, "key.pem"), join(certificates, "example.com.key"));
    await prosody.restart();
    for (const service of [prosody.service, `xmpps://127.0.0.1:${tlsPort}`]) {
      says(await outcome(service), "name the authority's file in NODE_EXTRA_CA_CERTS");
    }
  });
}

if (INSTALLED.length > 0) words.run();

/** Starts a Prosody that asks everybody for TLS, as the stock configuration of 13 does. */
function startWithTls(release: DebianRelease, tlsPort: number): Promise<Prosody> {
  const stock = `c2s_require_encryption = true\nc2s_direct_tls_ports = { ${tlsPort} }\n`;
  return startProsody({ release, modules: ["tls"], alter: (text) => stock + text });
}

/** Asserts that words are in a text, and shows the text when they are not. */
function says(said: string, words: string): void {
  assert.ok(said.includes(words), `"${words}" is in: ${said}`);
}

/** Returns why Doorman's login fails, which has nothing of OpenSSL's own text. */
async function outcome(service: string): Promise<string> {
  let said = "";
  await until(async () => {
    said = await logIn(service);
    // Prosody opens its second port a moment after the first.
    return !said.includes("connection refused");
  }, `port of ${service}`);
  assert.not.match(said, /routines|:error:/);
  return said;
}

async function logIn(service: string): Promise<string> {
  const account = { service, jid: "doorman@example.com", readPassword: () => "opensesame" };
  const session = new Session(account, LOG);
  const said = await session.open().then(() => "online", String);
  await session.close();
  return said;
}
