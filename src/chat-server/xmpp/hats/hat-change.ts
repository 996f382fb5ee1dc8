import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import type { HatAttachment } from "../../../../gen/doorman/v1/hat_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { afterChange, readBack } from "../../../waiting/after-change.js";
import type { HatLedger } from "../../hat-ledger.js";
import type { HatDialect, ShownHats, Wearer } from "./hat-dialect.js";
import type { HatsInPresence } from "./hats-in-presence.js";
import { isShownAs } from "./is-shown-as.js";
import { mayHaveHappened } from "./may-have-happened.js";

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
  /** The ids of the hats that were changed and not yet read back. */
  readonly #made = new Set<string>();

  constructor({ ledger, presence, dialect, wearer, signal }: HatChangeDependencies) {
    this.#ledger = ledger;
    this.#presence = presence;
    this.#dialect = dialect;
    this.#wearer = wearer;
    this.#signal = signal;
  }

  /** Gives a hat, or replaces what is attached to it. */
  async put(hatId: string, attachment: HatAttachment): Promise<void> {
    await naming(hatId, this.#make(hatId, attachment));
    await this.#confirm((shown) => (isShownAs(attachment, shown.get(hatId)) ? undefined : hatId));
  }

  /** Takes a hat away, whether or not the user has it. */
  async remove(hatId: string): Promise<void> {
    await naming(hatId, this.#make(hatId, undefined));
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
    const open = await this.#ledger.open.list(roomJid, userJid);
    // First what goes: servers have room for few.
    for (const hatId of new Set([...former.keys(), ...open.keys(), ...(shown?.keys() ?? [])])) {
      if (!hats.has(hatId)) await this.#step(hatId, () => this.#make(hatId, undefined));
    }
    for (const [hatId, attachment] of [...inactive, ...active]) {
      const isShown = attachment.active && shown?.get(hatId) === attachment.title;
      await this.#step(hatId, () =>
        // One that only seems unchanged is given again: a server that lists none may have forgotten it.
        isShown && !open.has(hatId)
          ? this.#ledger.put(roomJid, userJid, hatId, attachment)
          : this.#make(hatId, attachment),
      );
    }
    await this.#confirm(
      (seen) =>
        [...hats].find(([hatId, attachment]) => !isShownAs(attachment, seen.get(hatId)))?.[0] ??
        [...seen.keys()].find((hatId) => !hats.has(hatId)),
    );
  }

  /** Does one of several changes; those before it have been made. */
  async #step(hatId: string, change: () => Promise<void>): Promise<void> {
    await naming(hatId, afterChange(this.#task, change));
  }

  /**
   * Asks the server for one change. It is open until it is read back, or refused; the ledger has it
   * from the server's yes on.
   */
  async #make(hatId: string, wanted: HatAttachment | undefined): Promise<void> {
    const { roomJid, userJid } = this.#wearer;
    const takeBack = await this.#ledger.open.begin(roomJid, userJid, hatId, wanted);
    try {
      if (wanted?.active) {
        await this.#dialect.add(this.#wearer, hatId, wanted.title, this.#signal);
      } else {
        // Also when the hat seems to be away or inactive already: somebody else may have given it.
        await this.#dialect.remove(this.#wearer, hatId, this.#signal);
      }
    } catch (error) {
      if (!mayHaveHappened(error)) await takeBack();
      throw error;
    }
    await afterChange(this.#task, () => this.#ledger.put(roomJid, userJid, hatId, wanted));
    this.#made.add(hatId);
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
   * Reads back what the user is shown with. Changes that cannot be seen are done by the server's word.
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
    await afterChange(this.#task, async () => {
      for (const hatId of this.#made) await this.#ledger.open.close(roomJid, userJid, hatId);
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
