import type { IqClient } from "../connection/iq.js";
import type { Answer } from "../stanzas/ad-hoc-command.js";
import { firstValue } from "../stanzas/data-form.js";
import { bareOf } from "../stanzas/stanza.js";
import type { HatDialect, RoomHats, Wearer } from "./hat-dialect.js";
import { runHatCommand, runHatList } from "./run-hat-command.js";

/** XEP-0317 version 0.3. */
const NODE = "urn:xmpp:hats:commands:";
const NEEDED = ["create", "list", "assign", "unassign", "list-assigned"];

/** What a room knows of a hat, whoever wears it. */
interface DefinedHat {
  title: string;
  /** Its colour (XEP-0392); empty when it has none. */
  hue: string;
}

/**
 * Is hats by XEP-0317 version 0.3, as ejabberd's rooms have them from version 25.10: a hat is defined
 * once for the room, with one title for all, and is then assigned to users. Doorman defines hats and
 * leaves the definitions, for they may be somebody else's by then.
 */
export class AssignedHats implements HatDialect {
  readonly maxHats = 10;

  constructor(private readonly iq: IqClient) {}

  static isOffered(roomCommands: ReadonlySet<string>): boolean {
    return NEEDED.every((name) => roomCommands.has(NODE + name));
  }

  async add(wearer: Wearer, hatId: string, title: string, signal: AbortSignal): Promise<void> {
    await this.#define(wearer, hatId, title, signal);
    await this.#run("assign", wearer, hatId, this.#whoAndWhat(wearer, hatId), signal);
  }

  async remove(wearer: Wearer, hatId: string, signal: AbortSignal): Promise<void> {
    await this.#run("unassign", wearer, hatId, this.#whoAndWhat(wearer, hatId), signal);
  }

  async list(roomJid: string, signal: AbortSignal): Promise<RoomHats> {
    const hats = new Map<string, Map<string, string>>();
    for (const row of await runHatList(this.iq, roomJid, `${NODE}list-assigned`, signal)) {
      const userJid = bareOf(firstValue(row, "hats#jid"));
      const ofUser = hats.get(userJid) ?? new Map<string, string>();
      ofUser.set(firstValue(row, "hats#uri"), firstValue(row, "hats#title"));
      hats.set(userJid, ofUser);
    }
    return hats;
  }

  /** Before the assigning: a hat that is assigned first is shown to nobody, not even when it is defined later. */
  async #define(wearer: Wearer, hatId: string, title: string, signal: AbortSignal): Promise<void> {
    const defined = await this.#defined(wearer.roomJid, hatId, signal);
    if (defined !== undefined && (title === "" || title === defined.title)) return;
    const hue = defined?.hue ?? "";
    const answers = [
      { fields: ["hats#uri"], value: hatId },
      // A title is required, and mergeHats knows this one for none.
      { fields: ["hats#title"], value: title || hatId },
      // Those who gave the hat its colour would miss it.
      ...(hue === "" ? [] : [{ fields: ["hats#hue"], value: hue }]),
    ];
    await this.#run("create", wearer, hatId, answers, signal);
  }

  async #defined(
    roomJid: string,
    hatId: string,
    signal: AbortSignal,
  ): Promise<DefinedHat | undefined> {
    const rows = await runHatList(this.iq, roomJid, `${NODE}list`, signal);
    const row = rows.find((one) => firstValue(one, "hats#uri") === hatId);
    return row && { title: firstValue(row, "hats#title"), hue: firstValue(row, "hats#hue") };
  }

  #whoAndWhat({ userJid }: Wearer, hatId: string): Answer[] {
    return [
      { fields: ["hats#jid"], value: userJid },
      { fields: ["hat"], value: hatId },
    ];
  }

  async #run(
    action: "create" | "assign" | "unassign",
    wearer: Wearer,
    hatId: string,
    answers: readonly Answer[],
    signal: AbortSignal,
  ): Promise<void> {
    const to = wearer.roomJid;
    const node = NODE + action;
    await runHatCommand(this.iq, { ...wearer, to, node, action, hatId, answers, signal });
  }
}
