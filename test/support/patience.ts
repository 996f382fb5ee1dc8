import { setTimeout as sleep } from "node:timers/promises";

/**
 * How long a test waits for what must happen. It is so long that a busy machine does not reach it, and
 * only something that never happens does.
 */
export const PATIENCE_MS = 120_000;

/** Waits until something is so, looking every few milliseconds. @throws Error with `what` after PATIENCE_MS */
export async function until(isSo: () => unknown, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`no ${what} within ${PATIENCE_MS / 1_000} s`);
    await sleep(50);
  }
}
