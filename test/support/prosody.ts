import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import {
  canRun,
  commandOf,
  type DebianRelease,
  pathInside,
  rootOf,
  temporaryFolderOf,
} from "./debian-release.js";
import { PATIENCE_MS } from "./patience.js";
import {
  PROSODY_PASSWORD,
  type ProsodyOptions,
  writeProsodyFolder,
} from "./prosody-configuration.js";

const LOG_CHARACTERS = 500_000;

/** Whether the packages prosody and prosody-modules of a Debian release are installed. */
export function prosodyInstalled(release: DebianRelease = "12"): boolean {
  return (
    canRun(release) &&
    ["usr/bin/prosody", "usr/lib/prosody/modules/mod_privilege"].every((path) =>
      existsSync(join(rootOf(release), path)),
    )
  );
}

/**
 * Starts a Prosody of one's own: on loopback, with its own folder under the system's temporary one,
 * on the configuration that operators copy. Resolves when it accepts clients.
 * @throws Error with Prosody's log when it does not
 */
export async function startProsody(options: ProsodyOptions = {}): Promise<Prosody> {
  const folder = await mkdtemp(
    join(temporaryFolderOf(options.release ?? "12"), "doorman-prosody-"),
  );
  const prosody = new Prosody(folder, { ...options, port: options.port ?? (await freePort()) });
  try {
    await prosody.restart();
  } catch (error) {
    await prosody.stop();
    throw error;
  }
  return prosody;
}

/** Is a private Prosody. Its hosts and accounts are in prosody-configuration.ts. */
export class Prosody {
  readonly port: number;
  /** The URI for an XMPP client. */
  readonly service: string;
  readonly domain = "example.com";
  readonly mucDomain = "chat.example.org";
  readonly adminJid = "doorman@example.com";
  /** Resolves with a sentence if Prosody ends without having been asked to; never otherwise. */
  readonly died: Promise<string>;
  readonly #release: DebianRelease;
  /** The path of its configuration, as Prosody sees it. */
  readonly #configuration: string;
  #tellDied: (why: string) => void = () => {};
  #process: ChildProcess | undefined;
  #log = "";

  /** @param folder an empty one, removed by `stop` */
  constructor(
    readonly folder: string,
    options: ProsodyOptions & { port: number },
  ) {
    this.port = options.port;
    this.service = `xmpp://127.0.0.1:${options.port}`;
    this.died = new Promise((resolve) => {
      this.#tellDied = resolve;
    });
    this.#release = options.release ?? "12";
    this.#configuration = pathInside(this.#release, writeProsodyFolder(folder, options));
    process.once("exit", this.#cleanUpAtExit);
  }

  password(_username: string): string {
    return PROSODY_PASSWORD;
  }

  /** What Prosody has printed since it was last started, the last half million characters. */
  log(): string {
    return this.#log;
  }

  /** Ends Prosody if it runs, and starts it on the same port with the data that it had. */
  async restart(): Promise<void> {
    await this.halt();
    const words = ["--config", this.#configuration, "-F"];
    const child = spawn(...commandOf(this.#release, "prosody", words), {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    this.#log = "";
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding("utf8").on("data", (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
      });
    }
    child.once("error", (error) => {
      this.#log += `prosody: ${error.message}\n`;
    });
    child.once("exit", (code, signal) => {
      if (this.#process === child)
        this.#tellDied(`Prosody ended (${signal ?? `exit code ${code}`})`);
    });
    await this.#untilAccepting(child);
  }

  /** Ends Prosody and keeps its data, for `restart`. Does nothing when it does not run. */
  async halt(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined || hasEnded(child)) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    // A paused process would take note of that when it goes on.
    child.kill("SIGCONT");
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Stops Prosody's process where it stands: connections stay open, and nothing is answered. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** Lets a paused Prosody go on. */
  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  /** Changes the password of Doorman's account. As all that follows, it needs the module admin_shell. */
  async changeAdminPassword(password: string): Promise<void> {
    await this.#shell("user", "password", this.adminJid, password);
  }

  /** Takes the MUC service off the running server. */
  async unloadRooms(): Promise<void> {
    await this.#shell("host", "deactivate", this.mucDomain);
  }

  /** Puts the MUC service back. */
  async loadRooms(): Promise<void> {
    await this.#shell("host", "activate", this.mucDomain);
  }

  /** Takes a module off a host of the running server. */
  async unloadModule(module: string, host: string): Promise<void> {
    await this.#shell("module", "unload", module, host);
  }

  async #shell(...command: string[]): Promise<void> {
    const words = ["--root", "--config", this.#configuration, "shell", ...command];
    const prosodyctl = commandOf(this.#release, "prosodyctl", words);
    await promisify(execFile)(...prosodyctl, { timeout: PATIENCE_MS });
  }

  /** Ends Prosody and removes its folder. */
  async stop(): Promise<void> {
    await this.halt();
    await rm(this.folder, { recursive: true, force: true });
    process.removeListener("exit", this.#cleanUpAtExit);
  }

  async #untilAccepting(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    // Its own word comes first: on a port that is taken somebody else would accept.
    while (!this.#log.includes(`on [127.0.0.1]:${this.port}`) || !(await accepts(this.port))) {
      const why =
        child.pid === undefined || hasEnded(child)
          ? "did not start"
          : this.#log.includes("Failed to open server port")
            ? `could not listen on port ${this.port}`
            : Date.now() > deadline
              ? `took no connection within ${PATIENCE_MS} ms`
              : undefined;
      if (why !== undefined) throw new Error(`Prosody ${why}:\n${this.#log}`);
      await sleep(20);
    }
  }

  /** For a test run that ends without `stop`, where nothing can be waited for any more. */
  readonly #cleanUpAtExit = (): void => {
    this.#process?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** Finds a loopback port that nobody listens on; `preferred` where that is free. */
export async function freePort(preferred = 0): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(preferred, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no TCP address"));
      else resolve(address.port);
    });
  }).catch((error: NodeJS.ErrnoException) => {
    if (preferred === 0 || error.code !== "EADDRINUSE") throw error;
    return undefined;
  });
  if (port === undefined) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}
