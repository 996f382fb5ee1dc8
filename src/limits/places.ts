/** A limited number of places, in all and for each address, such as for open connections. */
export class Places {
  readonly #taken = new Map<string, number>();
  #total = 0;

  /** @param limits how many places there are at once */
  constructor(private readonly limits: { total: number; perAddress: number }) {}

  /** Takes a place, and returns what gives it back; undefined when no place is left for the address. */
  take(address: string): (() => void) | undefined {
    const taken = this.#taken.get(address) ?? 0;
    const { total, perAddress } = this.limits;
    if (this.#total >= total || taken >= perAddress) return undefined;
    this.#add(address, 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#add(address, -1);
    };
  }

  #add(address: string, difference: number): void {
    this.#total += difference;
    const taken = (this.#taken.get(address) ?? 0) + difference;
    if (taken === 0) this.#taken.delete(address);
    else this.#taken.set(address, taken);
  }
}
