import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import type { HatAttachment } from "../../../../gen/doorman/v1/hat_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { afterChange, readBack } from "../../../waiting/after-change.js";
import { NotBegun } from "../../../waiting/not-begun.js";
import type { HatLedger } from "../../hat-ledger.js";
import type { HatDialect, ShownHats, Wearer } from "./hat-dialect.js";
import type { HatsInPresence } from "./hats-in-presence.js";

export interface HatChangeDependencies {
  ledger: HatLedger;
  presence: HatsInPresence;
  dialect: HatDialect;
  wearer: Wearer;
  signal: AbortSignal;
}

/** Is one call's change of a user's hats, on the server and in the ledger, and the reading back of it. */
export class HatChange {
  readonly #ledger: HatLedger;
  readonly #presence: HatsInPresence;
  readonly #dialect: HatDialect;
  readonly #wearer: Wearer;
  readonly #signal: AbortSignal;

  constructor({ ledger, presence, dialect, wearer, signal }: HatChangeDependencies) {
    this.#ledger = ledger;
    this.#presence = presence;
    this.#dialect = dialect;
    this.#wearer = wearer;
    this.#signal = signal;
  }

  /** Gives a hat, or replaces what is attached to it. */
  async put(hatId: string, attachment: HatAttachment): Promise<void> {
    await naming(hatId, this.#put(hatId, attachment));
    await this.#confirm((shown) => (isAs(attachment, shown.get(hatId)) ? undefined : hatId));
  }

  /** Takes a hat away, whether or not the user has it. */
  async remove(hatId: string): Promise<void> {
    await naming(hatId, this.#remove(hatId));
    await this.#confirm((shown) => (shown.has(hatId) ? hatId : undefined));
  }

  /** Makes the given hats all that the user has. */
  async replaceAll(hats: ReadonlyMap<string, HatAttachment>): Promise<void> {
    const active = [...hats].filter(([, attachment]) => attachment.active);
    const inactive = [...hats].filter(([, attachment]) => !attachment.active);
    this.#requireSpace(active.map(([hatId]) => hatId));
    const shown = await this.#look();
    const { roomJid, userJid } = this.#wearer;
    const former = await this.#ledger.list(roomJid, userJid);
    // First what goes: servers have room for few.
    for (const hatId of new Set([...former.keys(), ...(shown?.keys() ?? [])])) {
      if (!hats.has(hatId)) await this.#step(hatId, () => this.#remove(hatId));
    }
    for (const [hatId, attachment] of [...inactive, ...active]) {
      const isThere = attachment.active && shown?.get(hatId) === attachment.title;
      await this.#step(hatId, () =>
        // One that only seems unchanged is given again: a server that lists none may have forgotten it.
        isThere
          ? this.#ledger.put(roomJid, userJid, hatId, attachment)
          : this.#put(hatId, attachment),
      );
    }
    await this.#confirm(
      (seen) =>
        [...hats].find(([hatId, attachment]) => !isAs(attachment, seen.get(hatId)))?.[0] ??
        [...seen.keys()].find((hatId) => !hats.has(hatId)),
    );
  }

  /** Does one of several changes; those before it have been made. */
  async #step(hatId: string, change: () => Promise<void>): Promise<void> {
    await naming(hatId, afterChange(this.#task, change));
  }

  async #put(hatId: string, attachment: HatAttachment): Promise<void> {
    const { roomJid, userJid } = this.#wearer;
    if (attachment.active) {
      await this.#show(hatId, attachment);
      return;
    }
    // Also when it seems to be inactive already: somebody else may have given it.
    await this.#dialect.remove(this.#wearer, hatId, this.#signal);
    await this.#ledger.put(roomJid, userJid, hatId, attachment);
  }

  async #remove(hatId: string): Promise<void> {
    await this.#dialect.remove(this.#wearer, hatId, this.#signal);
    await this.#ledger.remove(this.#wearer.roomJid, this.#wearer.userJid, hatId);
  }

  /** Writes the ledger first, so that no hat can be on the server that the ledger does not know. */
  async #show(hatId: string, attachment: HatAttachment): Promise<void> {
    const { roomJid, userJid } = this.#wearer;
    const former = (await this.#ledger.list(roomJid, userJid)).get(hatId);
    await this.#ledger.put(roomJid, userJid, hatId, attachment);
    try {
      await this.#dialect.add(this.#wearer, hatId, attachment.title, this.#signal);
    } catch (error) {
      if (mayHaveHappened(error)) throw error;
      if (former === undefined) await this.#ledger.remove(roomJid, userJid, hatId);
      else await this.#ledger.put(roomJid, userJid, hatId, former);
      throw error;
    }
  }

  #requireSpace(active: readonly string[]): void {
    const { maxHats } = this.#dialect;
    const surplus = maxHats === undefined ? undefined : active[maxHats];
    if (surplus === undefined) return;
    throw new DoormanError(
      ErrorReason.HAT_LIMIT_REACHED,
      `The chat server lets nobody have more than ${maxHats} active hats in a room, and here are ${active.length}; nothing was changed`,
      { metadata: { hat_id: surplus } },
    );
  }

  /** Answers what the user is shown with; undefined where that cannot be known. */
  async #look(): Promise<ShownHats | undefined> {
    const { roomJid, userJid } = this.#wearer;
    const listed = await this.#dialect.list(roomJid, this.#signal);
    if (listed === undefined) return await this.#presence.look(this.#wearer, this.#signal);
    return listed.get(userJid) ?? new Map();
  }

  /**
   * Reads back what the user is shown with.
   * @param findWrong answers the id of a hat that is not as it shall be
   * @throws CHANGE_NOT_APPLIED
   */
  async #confirm(findWrong: (shown: ShownHats) => string | undefined): Promise<void> {
    const { roomJid, userJid } = this.#wearer;
    await readBack(this.#task, async () => {
      const listed = await this.#dialect.list(roomJid, this.#signal);
      if (listed === undefined) {
        const isRight = (shown: ShownHats) => findWrong(shown) === undefined;
        await this.#presence.confirm(this.#wearer, isRight, this.#signal, (shown) =>
          this.#notApplied(findWrong(shown) ?? ""),
        );
        return;
      }
      const wrong = findWrong(listed.get(userJid) ?? new Map());
      if (wrong !== undefined) throw this.#notApplied(wrong);
    });
  }

  get #task(): string {
    return `change the hats of ${this.#wearer.userJid} in ${this.#wearer.roomJid}`;
  }

  #notApplied(hatId: string): DoormanError {
    const { roomJid, userJid } = this.#wearer;
    return new DoormanError(
      ErrorReason.CHANGE_NOT_APPLIED,
      `The chat server accepted the change, and does not show the hat ${hatId} of ${userJid} in ${roomJid} as it should; somebody else may have changed it at the same time`,
      { metadata: { hat_id: hatId } },
    );
  }
}

/** Servers may show a title of their own for a hat that is given without one. */
function isAs({ active, title }: HatAttachment, shownTitle: string | undefined): boolean {
  if (!active) return shownTitle === undefined;
  return shownTitle !== undefined && (title === "" || title === shownTitle);
}

function mayHaveHappened(error: unknown): boolean {
  if (!(error instanceof DoormanError) || error instanceof NotBegun) return false;
  return error.reason === ErrorReason.SERVER_NO_ANSWER;
}

/** Adds to a failure which of several hats it was about. */
async function naming(hatId: string, change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!(error instanceof DoormanError)) throw error;
    throw new DoormanError(error.reason, `${hatId}: ${error.message}`, {
      metadata: { ...error.metadata, hat_id: hatId },
      ...(error.stanza && { stanza: error.stanza }),
      cause: error,
    });
  }
}
