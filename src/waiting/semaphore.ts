import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import { before } from "./before.js";
import { NotBegun, requireCaller } from "./not-begun.js";

/** For those who may wait until their caller's deadline: the longest wait where there is none. */
export const PATIENCE_MS = 60_000;
/** How many may wait. */
const MAX_QUEUE = 10_000;

/** Lets at most so many pieces of work run at once; the others wait, first come first. */
export class Semaphore {
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /**
   * @param timeoutMs the longest that a piece of work waits for those before it
   * @param late makes the error for work whose turn does not come in its time
   */
  constructor(
    private readonly atOnce: number,
    private readonly timeoutMs: number,
    private readonly late = behindOthers,
  ) {}

  /** Whether somebody waits. */
  get isQueued(): boolean {
    return this.#queue.length > 0;
  }

  /** Whether nothing runs or waits. */
  get isIdle(): boolean {
    return this.#running === 0;
  }

  /**
   * @param task what the work does, for errors: "kick Bob"
   * @param signal ends the waiting; work that has begun must heed it by itself
   * @throws NotBegun, TOO_MANY_CALLS when too many wait already
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
    if (this.#queue.length >= MAX_QUEUE) {
      throw new DoormanError(
        ErrorReason.TOO_MANY_CALLS,
        `Doorman did not ${task}, because ${MAX_QUEUE} wait before it: try again later`,
      );
    }
    let wake = () => {};
    const turn = new Promise<void>((resolve) => {
      wake = resolve;
      this.#queue.push(resolve);
    });
    try {
      await before(turn, signal, this.timeoutMs, () => this.late(task));
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

function behindOthers(task: string): NotBegun {
  return new NotBegun(task, "what came before it was still under way");
}
