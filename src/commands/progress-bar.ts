import { clearLine, cursorTo } from "node:readline";

const WIDTH = 30;

/** Draws the progress of a long command on standard error. Draws nothing when that is not a terminal. */
export class ProgressBar {
  constructor(private readonly total: number) {}

  show(done: number): void {
    if (!process.stderr.isTTY) return;
    const filled = Math.floor((done / this.total) * WIDTH);
    this.clear();
    process.stderr.write(
      `[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] ${done} of ${this.total}`,
    );
  }

  /** Leaves the line empty for what is printed next. */
  clear(): void {
    if (!process.stderr.isTTY) return;
    cursorTo(process.stderr, 0);
    clearLine(process.stderr, 0);
  }
}
