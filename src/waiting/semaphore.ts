import { before } from "./before.js";
import { NotBegun, requireCaller } from "./not-begun.js";

/** Lets at most so many pieces of work run at once; the others wait, first come first. */
export class Semaphore {
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** @param timeoutMs the longest that a piece of work waits for those before it */
  constructor(
    private readonly atOnce: number,
    private readonly timeoutMs: number,
  ) {}

  /** Whether nothing runs or waits. */
  get isIdle(): boolean {
    return this.#running === 0;
  }

  /**
   * @param task what the work does, for errors: "kick Bob"
   * @param signal ends the waiting; work that has begun must heed it by itself
   * @throws NotBegun
   */
  async run<T>(task: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#begin(task, signal);
    try {
      requireCaller(task, signal);
      return await work();
    } finally {
      this.#end();
    }
  }

  async #begin(task: string, signal: AbortSignal): Promise<void> {
    if (this.#running < this.atOnce) {
      this.#running += 1;
      return;
    }
    let wake = () => {};
    const turn = new Promise<void>((resolve) => {
      wake = resolve;
      this.#queue.push(resolve);
    });
    try {
      await before(
        turn,
        signal,
        this.timeoutMs,
        () => new NotBegun(task, "what came before it was still under way"),
      );
    } catch (error) {
      const place = this.#queue.indexOf(wake);
      // Not in the queue any more: the turn was handed over at the same moment.
      if (place === -1) this.#end();
      else this.#queue.splice(place, 1);
      throw error;
    }
  }

  #end(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
