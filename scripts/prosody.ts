// Runs a private Prosody and Doorman beside it, on loopback, until Ctrl-C: `npm run prosody`.
// Both keep what they have in a temporary folder, which is removed at the end.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { freePort, type Prosody, prosodyInstalled, startProsody } from "../test/support/prosody.js";
import { PROSODY_ACCOUNTS, PROSODY_PASSWORD } from "../test/support/prosody-configuration.js";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
const DOORMAN = fileURLToPath(new URL("../src/main.js", import.meta.url));

const { values: flags } = parseArgs({
  options: { listen: { type: "string", default: "127.0.0.1:5280" } },
});

const interrupt = new AbortController();
const interrupted = once(interrupt.signal, "abort");
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interrupt.abort());

if (prosodyInstalled()) {
  await run();
} else {
  console.error("Error: Prosody is not installed. On Debian, run scripts/install-servers.");
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const prosody = await startProsody({ port: await freePort(5222) });
  let doorman: ChildProcess | undefined;
  try {
    const options = await writeConfiguration(prosody);
    const key = await createKey(prosody.domain, options);
    doorman = spawn(process.execPath, [DOORMAN, "serve", "--listen", flags.listen, ...options], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const failed = Promise.race([prosody.died, untilEnded(doorman)]).then((why) => {
      throw new Error(why);
    });
    await Promise.race([untilReady(), interrupted, failed]);
    if (!interrupt.signal.aborted) tell(prosody, key);
    await Promise.race([interrupted, failed]);
  } catch (error) {
    // Ctrl-C reaches the children as well, and what they do then is no failure.
    if (!interrupt.signal.aborted) {
      console.error(`Error: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  } finally {
    if (doorman !== undefined) await stop(doorman);
    await prosody.stop();
  }
}

/** @returns the options by which Doorman's commands find the configuration and the data */
async function writeConfiguration(prosody: Prosody): Promise<string[]> {
  const file = join(prosody.folder, "doorman.yaml");
  await writeFile(join(prosody.folder, "password.txt"), PROSODY_PASSWORD, { mode: 0o600 });
  await writeFile(
    file,
    `hosts:
  example.com: {}
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
  const arguments_ = [DOORMAN, "keys", "create", host, "npm run prosody", ...options];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, {
    timeout: START_TIMEOUT_MS,
  });
  return stdout.trim();
}

async function untilReady(): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!interrupt.signal.aborted) {
    const signal = AbortSignal.timeout(1_000);
    const answer = await fetch(`http://${flags.listen}/readyz`, { signal }).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error("Doorman did not become ready; its log says why");
    await sleep(250);
  }
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

function tell(prosody: Prosody, key: string): void {
  const accounts = Object.entries(PROSODY_ACCOUNTS).flatMap(([host, usernames]) =>
    usernames.map((username) => `${username}@${host}`),
  );
  console.log(`
Prosody takes XMPP clients at 127.0.0.1, port ${prosody.port}, in clear text.
  Accounts: ${accounts.join(", ")}
  Password of each: ${PROSODY_PASSWORD}
  Rooms: join any at chat.example.org or conference.localhost

Doorman listens on http://${flags.listen}. A key for ${prosody.domain}:
  ${key}
Try:
  curl -i 'http://${flags.listen}/invites_api?key=${key}'

Ctrl-C stops both, and nothing of them stays.
`);
}
