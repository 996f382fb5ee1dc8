import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { PATIENCE_MS } from "./patience.js";

const LOG_CHARACTERS = 500_000;

/** Is how a server is started, and how one sees in what it prints that it is there. */
export interface ServerCommand {
  /** For messages. */
  name: string;
  command: string;
  arguments: string[];
  environment?: Record<string, string>;
  /** Whether what it has printed so far says that it takes connections. */
  isReady: (log: string) => boolean;
  /** Whether it says that it never will, though it runs on. */
  hasFailed: (log: string) => boolean;
}

/** Is a server that a test runs as a process of its own, and can start anew, pause and end. */
export class ServerProcess {
  /** Resolves with a sentence if the server ends without having been asked to; never otherwise. */
  readonly died: Promise<string>;
  readonly #command: ServerCommand;
  #tellDied: (why: string) => void = () => {};
  #process: ChildProcess | undefined;
  #log = "";

  constructor(command: ServerCommand) {
    this.#command = command;
    this.died = new Promise((resolve) => {
      this.#tellDied = resolve;
    });
  }

  /** What it has printed since it was last started, the last half million characters. */
  get log(): string {
    return this.#log;
  }

  /**
   * Ends it if it runs, and starts it.
   * @throws Error with what it printed when it is not ready within 15 seconds
   */
  async restart(): Promise<void> {
    await this.halt();
    const { name, command, arguments: words, environment } = this.#command;
    const child = spawn(command, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    this.#process = child;
    this.#log = "";
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding("utf8").on("data", (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
      });
    }
    child.once("error", (error) => {
      this.#log += `${name}: ${error.message}\n`;
    });
    child.once("exit", (code, signal) => {
      if (this.#process === child)
        this.#tellDied(`${name} ended (${signal ?? `exit code ${code}`})`);
    });
    await this.#untilReady(child);
  }

  /** Ends it with a chance to save what it has. Does nothing when it does not run. */
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

  /** Ends it on the spot. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.halt();
  }

  /** Stops the process where it stands: connections stay open, and nothing is answered. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** Lets a paused process go on. */
  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  /** For a test run that ends at once, where nothing can be waited for any more. */
  killAtExit(): void {
    this.#process?.kill("SIGKILL");
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const { name, isReady, hasFailed } = this.#command;
    const deadline = Date.now() + PATIENCE_MS;
    while (!isReady(this.#log)) {
      if (child.pid === undefined || hasEnded(child) || hasFailed(this.#log)) {
        throw new Error(`${name} did not start:\n${this.#log}`);
      }
      if (Date.now() > deadline) {
        throw new Error(`${name} took no connection within ${PATIENCE_MS} ms:\n${this.#log}`);
      }
      await sleep(20);
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
