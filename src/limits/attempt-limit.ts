import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** How many addresses, or accounts, are remembered; past that the one that was quiet the longest is forgotten. */
const MAX_ADDRESSES = 10_000;

/**
 * Limits how often each address may try something, or something may be tried with each account. Kept in memory: a restart forgives, and several
 * processes count each for itself.
 */
export class AttemptLimit {
  readonly #limiter: RateLimiterMemory;
  readonly #addresses = new Set<string>();

  constructor(attempts: number, seconds: number) {
    this.#limiter = new RateLimiterMemory({ points: attempts, duration: seconds });
  }

  /** Answers for how many seconds an address may not try; 0 when it may now. */
  async waitSeconds(address: string): Promise<number> {
    const count = await this.#limiter.get(address);
    return count && count.consumedPoints >= this.#limiter.points ? secondsOf(count) : 0;
  }

  /** Counts an attempt, and answers for how many seconds the address must wait with it; 0 when it need not. */
  async count(address: string): Promise<number> {
    await this.#remember(address);
    try {
      await this.#limiter.consume(address);
      return 0;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return secondsOf(refusal);
      throw refusal;
    }
  }

  /** Takes back an attempt that was counted, and turned out to be none. */
  async forgive(address: string): Promise<void> {
    await this.#limiter.reward(address);
  }

  async #remember(address: string): Promise<void> {
    this.#addresses.delete(address);
    this.#addresses.add(address);
    if (this.#addresses.size <= MAX_ADDRESSES) return;
    const [quietest = ""] = this.#addresses;
    this.#addresses.delete(quietest);
    await this.#limiter.delete(quietest);
  }
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}
