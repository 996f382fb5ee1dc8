import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { before } from "./before.js";
import { NotBegun, requireCaller } from "./not-begun.js";
import { PATIENCE_MS, Semaphore } from "./semaphore.js";

/**
 * Bounds what a server is asked at once. What does not get its turn within its time fails with
 * TOO_MANY_CALLS.
 */
export class Outstanding extends Semaphore {
  constructor(atOnce: number) {
    super(atOnce, PATIENCE_MS, tooManyCalls);
  }

  /**
   * Asks something. A question keeps its place until it is answered: that its caller stops waiting before
   * makes it no less outstanding.
   * @param work asks, and ends by itself within some time whether or not there is an answer
   * @param unanswered makes the error for a caller who stops waiting
   */
  async ask<T>(
    task: string,
    signal: AbortSignal,
    work: () => Promise<T>,
    unanswered: () => Error,
  ): Promise<T> {
    requireCaller(task, signal);
    let isAsked = false;
    const answer = this.run(task, signal, () => {
      isAsked = true;
      return work();
    });
    return await before(answer, signal, 2 * PATIENCE_MS, () =>
      isAsked ? unanswered() : tooManyCalls(task),
    );
  }

  /**
   * Makes the error for a caller whose time was over before something that is done for several callers.
   * @param late what it is where others do not stand in the way
   */
  overdue(task: string, late: () => Error): Error {
    return this.isQueued ? tooManyCalls(task) : late();
  }
}

function tooManyCalls(task: string): NotBegun {
  return new NotBegun(
    task,
    "the chat server still had too many other questions to answer",
    ErrorReason.TOO_MANY_CALLS,
  );
}
