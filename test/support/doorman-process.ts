import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PATIENCE_MS } from "./patience.js";

const MAIN = fileURLToPath(new URL("../../src/main.js", import.meta.url));

/** Is what a command printed and how it ended. */
export interface CommandOutcome {
  /** Null when it was killed because it took too long. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** The tests' environment, without what would lead their commands to somebody's own Doorman. */
const environment = () => ({ ...process.env, DOORMAN_CONFIG: "", DOORMAN_DATA: "" });

/** Runs `doorman ARGUMENTS` to its end, as a shell would. */
export function runDoorman(...parameters: string[]): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...parameters],
      { env: environment(), timeout: PATIENCE_MS, killSignal: "SIGKILL" },
      (_error, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

/** Is a `doorman serve` in a process of its own, on a free loopback port. */
export class DoormanProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Everything that it printed until it was ready. */
    readonly stdout: string,
    readonly url: string,
  ) {}

  /** Starts it on a data folder and returns when it has printed what to do next. */
  static serve(dataFolder: string, ...options: string[]): Promise<DoormanProcess> {
    return DoormanProcess.serveBy([process.execPath, MAIN, "serve"], dataFolder, ...options);
  }

  /** As `serve` does, by another command that serves, such as ["npm", "start", "--"]. */
  static serveBy(
    command: readonly string[],
    dataFolder: string,
    ...options: string[]
  ): Promise<DoormanProcess> {
    return DoormanProcess.#start(command, "ignore", dataFolder, options);
  }

  /** As `serve` does, with a module in the process that answers what `ask` sends. */
  static serveWith(module: URL, dataFolder: string, ...options: string[]): Promise<DoormanProcess> {
    const command = [process.execPath, "--import", module.href, MAIN, "serve"];
    return DoormanProcess.#start(command, "ipc", dataFolder, options);
  }

  static async #start(
    [program = "", ...words]: readonly string[],
    channel: "ignore" | "ipc",
    dataFolder: string,
    options: string[],
  ): Promise<DoormanProcess> {
    const parameters = [...words, "--data", dataFolder, "--listen", "127.0.0.1:0", ...options];
    const child = spawn(program, parameters, {
      env: environment(),
      stdio: ["ignore", "pipe", "pipe", channel],
    });
    const { stdout: output, stderr: errors } = child;
    if (output === null || errors === null) throw new Error("doorman serve has no output");
    let stdout = "";
    let stderr = "";
    errors.on("data", (chunk) => {
      stderr += chunk;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    for await (const chunk of output) {
      stdout += chunk;
      const [, url] = /^Doorman listens on (\S+)\n(?:.*\n)*Try: .*\n/.exec(stdout) ?? [];
      if (url === undefined) continue;
      clearTimeout(timer);
      return new DoormanProcess(child, stdout, url);
    }
    clearTimeout(timer);
    throw new Error(`doorman serve did not get ready:\n${stdout}${stderr}`);
  }

  /** Asks the module that `serveWith` was given, and answers what it says. */
  async ask(question: string): Promise<unknown> {
    const answered = once(this.child, "message", {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    this.child.send(question);
    const [answer] = await answered;
    return answer;
  }

  /** Sends the process a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The first key, when this start has printed one. */
  get firstKey(): string | undefined {
    return /shown only now: (\S+)/.exec(this.stdout)?.[1];
  }

  /** Calls a method as Connect's JSON and answers the message. */
  async rpc(method: string, key: string, message: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/doorman.v1.${method}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await response.text();
    if (response.status !== 200) throw new Error(`${method}: ${response.status} ${body}`);
    return JSON.parse(body);
  }

  /**
   * Ends the process, if it runs, and answers how it ended: its exit status, or the name of the
   * signal that killed it. One that does not stop is killed after a while.
   */
  async stop(signal: NodeJS.Signals): Promise<number | string | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      await exited;
      clearTimeout(timer);
    }
    return child.exitCode ?? child.signalCode;
  }
}
