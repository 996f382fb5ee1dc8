import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  canRun,
  commandOf,
  type DebianRelease,
  pathInside,
  rootOf,
  temporaryFolderOf,
} from "./debian-release.js";
import { type EjabberdOptions, writeEjabberdFolder } from "./ejabberd-configuration.js";
import { PATIENCE_MS } from "./patience.js";
import { freePort } from "./prosody.js";
import { PROSODY_ACCOUNTS, PROSODY_PASSWORD } from "./prosody-configuration.js";
import type { RunningChatServer } from "./running-chat-server.js";
import { ServerProcess } from "./server-process.js";

/** Where the rooms' service is while their own domain has none. */
const UNLOADED = "elsewhere.example.org";
/** Printed when the accounts are made, which is after ejabberd has begun to listen. */
const READY = "the accounts are there";

/** Permits what a test does to a running ejabberd, for the option `alter`. */
export function adminCommands(doormanYml: string): string {
  const first = "      - check_account\n";
  return doormanYml.replace(first, `${first}      - change_password\n      - reload_config\n`);
}

/** Whether the package ejabberd of a Debian release is installed. */
export function ejabberdInstalled(release: DebianRelease = "12"): boolean {
  return (
    canRun(release) &&
    existsSync(join(rootOf(release), "usr/bin/erl")) &&
    librariesFolder(release) !== undefined
  );
}

/**
 * Starts an ejabberd of one's own: on loopback, with its own folder under the system's temporary
 * one, on the configuration that operators copy. Resolves when it accepts clients.
 * @throws Error with ejabberd's log when it does not
 */
export async function startEjabberd(options: EjabberdOptions = {}): Promise<Ejabberd> {
  const folder = await mkdtemp(
    join(temporaryFolderOf(options.release ?? "12"), "doorman-ejabberd-"),
  );
  const port = options.port ?? (await freePort());
  const apiPort = options.apiPort ?? (await freePort());
  const ejabberd = new Ejabberd(folder, { ...options, port, apiPort });
  try {
    await ejabberd.restart();
  } catch (error) {
    await ejabberd.stop();
    throw error;
  }
  return ejabberd;
}

/** Is a private ejabberd. It has Prosody's hosts and accounts, of prosody-configuration.ts. */
export class Ejabberd implements RunningChatServer {
  readonly port: number;
  readonly service: string;
  /** Where commands of mod_http_api are posted: this, a slash and the command's name. */
  readonly apiUrl: string;
  readonly domain = "example.com";
  readonly mucDomain = "chat.example.org";
  readonly adminJid = "doorman@example.com";
  /** Resolves with a sentence if ejabberd ends without having been asked to; never otherwise. */
  readonly died: Promise<string>;
  readonly #process: ServerProcess;
  #adminPassword = PROSODY_PASSWORD;

  /** @param folder an empty one, removed by `stop` */
  constructor(
    readonly folder: string,
    options: EjabberdOptions & { port: number; apiPort: number },
  ) {
    this.port = options.port;
    this.service = `xmpp://127.0.0.1:${options.port}`;
    this.apiUrl = `http://127.0.0.1:${options.apiPort}/api`;
    this.#process = ejabberdProcess(folder, options);
    this.died = this.#process.died;
    process.once("exit", this.#cleanUpAtExit);
  }

  password(_username: string): string {
    return PROSODY_PASSWORD;
  }

  /** What ejabberd has printed since it was last started, the last half million characters. */
  log(): string {
    return this.#process.log;
  }

  /** Ends ejabberd if it runs, and starts it on the same ports with the data that it had. */
  restart(): Promise<void> {
    return this.#process.restart();
  }

  /** Ends ejabberd and keeps its data, for `restart`. Does nothing when it does not run. */
  halt(): Promise<void> {
    return this.#process.halt();
  }

  /** Stops ejabberd's process where it stands: connections stay open, and nothing is answered. */
  pause(): void {
    this.#process.pause();
  }

  /** Lets a paused ejabberd go on. */
  resume(): void {
    this.#process.resume();
  }

  /** Changes the password of Doorman's account. As all that follows, it needs `adminCommands`. */
  async changeAdminPassword(password: string): Promise<void> {
    await this.#command("change_password", {
      user: "doorman",
      host: this.domain,
      newpass: password,
    });
    this.#adminPassword = password;
  }

  /** Takes the MUC service off the running server. */
  async unloadRooms(): Promise<void> {
    await this.#renameRooms(this.mucDomain, UNLOADED);
  }

  /** Puts the MUC service back. */
  async loadRooms(): Promise<void> {
    await this.#renameRooms(UNLOADED, this.mucDomain);
  }

  async #renameRooms(from: string, to: string): Promise<void> {
    const file = join(this.folder, "doorman.yml");
    writeFileSync(file, readFileSync(file, "utf8").replace(`- ${from}\n`, `- ${to}\n`));
    await this.#command("reload_config", {});
  }

  async #command(name: string, parameters: Record<string, string>): Promise<void> {
    const credentials = Buffer.from(`${this.adminJid}:${this.#adminPassword}`).toString("base64");
    const response = await fetch(`${this.apiUrl}/${name}`, {
      method: "POST",
      headers: { Authorization: `Basic ${credentials}` },
      body: JSON.stringify(parameters),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  }

  /** Ends ejabberd and removes its folder. */
  async stop(): Promise<void> {
    // It would take a second to save what nobody needs any more.
    await this.#process.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    process.removeListener("exit", this.#cleanUpAtExit);
  }

  readonly #cleanUpAtExit = (): void => {
    this.#process.killAtExit();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** Without ejabberdctl, which wants its own user; and no distributed Erlang, so no epmd either. */
function ejabberdProcess(
  folder: string,
  options: EjabberdOptions & { port: number; apiPort: number },
): ServerProcess {
  const accounts = Object.entries(PROSODY_ACCOUNTS).flatMap(([host, usernames]) =>
    usernames.map((username) => `{<<"${username}">>, <<"${host}">>}`),
  );
  const register = `[ejabberd_auth:try_register(U, H, <<"${PROSODY_PASSWORD}">>)
    || {U, H} <- [${accounts.join(", ")}]], io:format("${READY}~n").`;
  const release = options.release ?? "12";
  const inside = (path: string) => pathInside(release, path);
  const configurationPath = inside(writeEjabberdFolder(folder, options));
  // An altered configuration may have no API.
  const hasApi = readFileSync(join(folder, "doorman.yml"), "utf8").includes(`${options.apiPort}`);
  const ports = hasApi ? [options.port, options.apiPort] : [options.port];
  const listening = ports.map((port) => `at 127.0.0.1:${port} for`);
  const [command, words] = commandOf(release, "erl", [
    ...["-noinput", "-mnesia", "dir", JSON.stringify(inside(join(folder, "database")))],
    ...["-s", "ejabberd", "-eval", register.replaceAll(/\s+/g, " ")],
  ]);
  return new ServerProcess({
    name: "ejabberd",
    command,
    arguments: words,
    environment: {
      ERL_LIBS: inside(librariesFolder(release) ?? ""),
      ERL_CRASH_DUMP_BYTES: "0",
      EJABBERD_CONFIG_PATH: configurationPath,
      EJABBERD_LOG_PATH: inside(join(folder, "ejabberd.log")),
    },
    isReady: (log) => [...listening, READY].every((text) => log.includes(text)),
    hasFailed: (log) => log.includes("Failed to open socket"),
  });
}

/** Returns the folder of /usr/lib that has a folder ejabberd-VERSION, such as x86_64-linux-gnu. */
function librariesFolder(release: DebianRelease): string | undefined {
  const libraries = join(rootOf(release), "usr/lib");
  const folders = readdirSync(libraries, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.endsWith("-linux-gnu"))
    .map(({ name }) => join(libraries, name));
  return folders.find((folder) => readdirSync(folder).some((name) => /^ejabberd-\d/.test(name)));
}
