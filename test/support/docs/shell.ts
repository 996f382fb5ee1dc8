import { execFile } from "node:child_process";
import { PATIENCE_MS } from "../patience.js";

/** A block may run many commands. */
const TIMEOUT_MS = 5 * PATIENCE_MS;

/** How a block of shell commands ended. */
export interface ShellOutcome {
  /** Null when it was killed because it took too long. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a block as bash would if it was pasted, but stops at the first command that fails. */
export function runShell(
  script: string,
  folder: string,
  variables: Record<string, string>,
): Promise<ShellOutcome> {
  return new Promise((resolve) => {
    const child = execFile(
      "bash",
      ["-euo", "pipefail", "-c", script],
      {
        cwd: folder,
        env: { ...process.env, ...variables },
        timeout: TIMEOUT_MS,
        killSignal: "SIGKILL",
      },
      (_error, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}
