import { createHash, randomBytes } from "node:crypto";

/**
 * How many counters there are. Which keys share one is chance, and matters only when they reach the limit
 * together. To use up the counters of everybody else one would have to try as many keys as there are
 * counters, each to the limit.
 */
const COUNTERS = 65_536;

/**
 * Limits how often each key, such as an address or an account, may be tried. The counters take a fixed
 * amount of memory and none is given up before its time, however many keys are tried. Kept in memory: a
 * restart forgives, and several processes count each for itself.
 */
export class AttemptLimit {
  readonly #attempts: number;
  readonly #periodMs: number;
  readonly #counts = new Uint32Array(COUNTERS);
  /** When each counter starts again, by the process's own clock, which nobody sets. */
  readonly #ends = new Float64Array(COUNTERS);
  /** So that nobody can choose keys that share a counter. */
  readonly #salt = randomBytes(16);

  /** @param seconds from a key's first attempt until its count starts again */
  constructor(attempts: number, seconds: number) {
    this.#attempts = attempts;
    this.#periodMs = seconds * 1_000;
  }

  /** Counts an attempt. Returns for how many seconds it must wait; 0 when it need not. */
  count(key: string): number {
    const counter = this.#counterOf(key);
    const count = this.#countOf(counter) + 1;
    if (count === 1) this.#ends[counter] = performance.now() + this.#periodMs;
    this.#counts[counter] = count;
    return count > this.#attempts ? this.#secondsLeft(counter) : 0;
  }

  /** Takes back an attempt that was counted and turned out to be none. */
  forgive(key: string): void {
    const counter = this.#counterOf(key);
    this.#counts[counter] = Math.max(0, this.#countOf(counter) - 1);
  }

  #counterOf(key: string): number {
    return createHash("sha256").update(this.#salt).update(key).digest().readUInt16BE();
  }

  #countOf(counter: number): number {
    const isOver = performance.now() >= (this.#ends[counter] ?? 0);
    return isOver ? 0 : (this.#counts[counter] ?? 0);
  }

  #secondsLeft(counter: number): number {
    return Math.max(1, Math.ceil(((this.#ends[counter] ?? 0) - performance.now()) / 1_000));
  }
}
