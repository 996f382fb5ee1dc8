import { clearLine, cursorTo } from "node:readline";

const WIDTH = 30;

/** Draws on standard error how far a long command is, and nothing when that is no terminal. */
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
