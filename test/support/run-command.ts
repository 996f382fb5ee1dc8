import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CommandOutcome } from "./doorman-process.js";
import { PATIENCE_MS } from "./patience.js";

const DOORMAN = fileURLToPath(new URL("../../../bin/doorman.js", import.meta.url));

/** Says how a test runs a command. */
export interface RunOptions {
  /** Added to the environment, which has no DOORMAN_ variables otherwise. */
  env?: Record<string, string>;
  /** What it reads from standard input. */
  stdin?: string;
  /** What is typed when it has printed something, one after another. */
  typed?: readonly { at: string; text: string }[];
  cwd?: string;
  timeoutMs?: number;
}

/** Runs `doorman ARGUMENTS` to its end, through the file that npx runs in a clone. */
export function doorman(parameters: string[], options: RunOptions = {}): Promise<CommandOutcome> {
  return run(process.execPath, [DOORMAN, ...parameters], options);
}

/** Runs a program to its end; it is killed when it takes too long. */
export function run(
  program: string,
  parameters: string[],
  { env = {}, stdin = "", typed = [], cwd, timeoutMs = PATIENCE_MS }: RunOptions = {},
): Promise<CommandOutcome> {
  // npm's own variables would tell an npm that a test starts where to install.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DOORMAN|npm)_/.test(name));
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      env: { ...Object.fromEntries(inherited), ...env },
      cwd,
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    const toType = [...typed];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      const [next] = toType;
      if (next === undefined || !stdout.includes(next.at)) return;
      toType.shift();
      child.stdin.write(next.text);
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
    // A program that does not read its input may be gone before it is written.
    child.stdin.on("error", () => {});
    if (typed.length === 0) child.stdin.end(stdin);
  });
}
