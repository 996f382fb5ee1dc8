// Runs a private Prosody and Doorman beside it, on loopback, until Ctrl-C: `npm run prosody`.
// Both keep what they have in a temporary folder, which is removed at the end.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { startContactsApp } from "../src/chat-server/sandbox/contacts-app.js";
import { freePort, type Prosody, prosodyInstalled, startProsody } from "../test/support/prosody.js";
import { PROSODY_ACCOUNTS, PROSODY_PASSWORD } from "../test/support/prosody-configuration.js";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
const DOORMAN = fileURLToPath(new URL("../src/main.js", import.meta.url));

const listen = readListen();

const interrupt = new AbortController();
const interrupted = once(interrupt.signal, "abort");
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interrupt.abort());

if (listen === undefined) {
  console.error("Error: the only option is --listen HOST:PORT, as in --listen 127.0.0.1:5290");
  process.exitCode = 2;
} else if (prosodyInstalled()) {
  await run(listen);
} else {
  console.error("Error: Prosody is not installed. On Debian, run scripts/install-servers.");
  process.exitCode = 1;
}

function readListen(): string | undefined {
  const options = { listen: { type: "string", default: "127.0.0.1:5280" } } as const;
  try {
    return parseArgs({ options }).values.listen;
  } catch {
    return undefined;
  }
}

async function run(listen: string): Promise<void> {
  const prosody = await startProsody({ port: await freePort(5222) });
  const contactsApp = await startContactsApp();
  let doorman: ChildProcess | undefined;
  try {
    const options = await writeConfiguration(prosody, contactsApp.url);
    const keys = {
      example: await createKey("example.com", options),
      localhost: await createKey("localhost", options),
    };
    doorman = spawn(process.execPath, [DOORMAN, "serve", "--listen", listen, ...options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const failed = Promise.race([prosody.died, untilEnded(doorman)]).then((why) => {
      throw new Error(why);
    });
    const url = await Promise.race([untilReady(doorman), interrupted, failed]);
    if (typeof url === "string") tell(prosody, url, keys, options);
    await Promise.race([interrupted, failed]);
  } catch (error) {
    // Ctrl-C reaches the children as well, and what they do then is no failure.
    if (!interrupt.signal.aborted) {
      console.error(`Error: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  } finally {
    if (doorman !== undefined) await stop(doorman);
    await contactsApp.close();
    await prosody.stop();
  }
}

/** @returns the options by which Doorman's commands find the configuration and the data */
async function writeConfiguration(prosody: Prosody, rosterUrl: string): Promise<string[]> {
  const file = join(prosody.folder, "doorman.yaml");
  await writeFile(join(prosody.folder, "password.txt"), PROSODY_PASSWORD, { mode: 0o600 });
  await writeFile(
    file,
    `hosts:
  example.com: { roster_url: "${rosterUrl}" }
  localhost: {}
xmpp:
  service: ${prosody.service}
  jid: ${prosody.adminJid}
  password_file: password.txt
`,
  );
  return ["--config", file, "--data", join(prosody.folder, "doorman")];
}

async function createKey(host: string, options: string[]): Promise<string> {
  const arguments_ = [DOORMAN, "keys", "create", host, "npm run prosody", "--init", ...options];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, {
    timeout: START_TIMEOUT_MS,
  });
  return stdout.trim();
}

/** Waits until this Doorman, and not another that has the port, says where it listens and is connected. */
async function untilReady(doorman: ChildProcess): Promise<string | undefined> {
  let said = "";
  doorman.stdout?.on("data", (chunk) => {
    said += chunk;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!interrupt.signal.aborted) {
    const url = /^Doorman listens on (\S+)$/m.exec(said)?.[1] ?? "";
    const signal = AbortSignal.timeout(1_000);
    const answer = await fetch(`${url}/readyz`, { signal }).catch(() => undefined);
    if (answer?.ok) return url;
    if (Date.now() > deadline) throw new Error("Doorman did not become ready; its log says why");
    await sleep(100);
  }
  return undefined;
}

async function untilEnded(child: ChildProcess): Promise<string> {
  const [code, signal] = await once(child, "exit");
  return `Doorman ended (${signal ?? `exit code ${code}`})`;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

function tell(
  prosody: Prosody,
  url: string,
  keys: { example: string; localhost: string },
  options: string[],
): void {
  const accounts = Object.entries(PROSODY_ACCOUNTS).flatMap(([host, usernames]) =>
    usernames.map((username) => `${username}@${host}`),
  );
  console.log(`
Prosody takes XMPP clients at 127.0.0.1, port ${prosody.port}, in clear text.
  Accounts: ${accounts.join(", ")}
  Password of each: ${PROSODY_PASSWORD}
  Rooms: join any at chat.example.org or conference.localhost

Doorman listens on ${url}. Its keys:
  for example.com: ${keys.example}
  for localhost:   ${keys.localhost}
  another:         npx doorman keys create example.com ${options.join(" ")}
Try:
  curl -i -H 'Authorization: Bearer ${keys.example}' ${url}/invites_api
  curl -i -H 'Authorization: Bearer ${keys.example}' -d '["john"]' ${url}/roster_admin/refresh

Ctrl-C stops both, and nothing of them stays.
`);
}
