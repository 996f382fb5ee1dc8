import type { IqClient } from "../connection/iq.js";
import type { Answer } from "../stanzas/ad-hoc-command.js";
import { firstValue } from "../stanzas/data-form.js";
import { bareOf } from "../stanzas/stanza.js";
import type { HatDialect, RoomHats, Wearer } from "./hat-dialect.js";
import { mayHaveHappened } from "./may-have-happened.js";
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
 * Is hats by XEP-0317 version 0.3, as ejabberd's newer rooms have them: a hat is defined once for the
 * room, with one title for all, and is then assigned to users. Doorman defines hats and leaves the
 * definitions, for they may be somebody else's by then. It takes back what it defined for an assigning
 * that the server then refuses.
 */
export class AssignedHats implements HatDialect {
  readonly maxHats = 10;

  constructor(private readonly iq: IqClient) {}

  static isOffered(roomCommands: ReadonlySet<string>): boolean {
    return NEEDED.every((name) => roomCommands.has(NODE + name));
  }

  async add(wearer: Wearer, hatId: string, title: string, signal: AbortSignal): Promise<void> {
    const defined = await this.#defined(wearer.roomJid, hatId, signal);
    const isDefined = defined !== undefined && (title === "" || title === defined.title);
    // Before the assigning: a hat that is assigned first is shown to nobody, not even when it is defined later.
    if (!isDefined) {
      // A title is required, and mergeHats knows this one for none. Those who gave the hat its colour would miss it.
      const definition = { title: title || hatId, hue: defined?.hue ?? "" };
      await this.#define(wearer, hatId, definition, signal);
    }
    try {
      await this.#run("assign", wearer, hatId, this.#whoAndWhat(wearer, hatId), signal);
    } catch (error) {
      // The refusal is what the caller shall hear, whatever becomes of this.
      if (!isDefined && !mayHaveHappened(error)) {
        await this.#restore(wearer, hatId, defined).catch(() => {});
      }
      throw error;
    }
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

  /** Also gives a hat that is defined already another title, for everybody who wears it. */
  async #define(
    wearer: Wearer,
    hatId: string,
    { title, hue }: DefinedHat,
    signal: AbortSignal,
  ): Promise<void> {
    const answers = [
      { fields: ["hats#uri"], value: hatId },
      { fields: ["hats#title"], value: title },
      ...(hue === "" ? [] : [{ fields: ["hats#hue"], value: hue }]),
    ];
    await this.#run("create", wearer, hatId, answers, signal);
  }

  /** Defines a hat as it was before, undefined: not at all, unless somebody has been given it meanwhile. */
  async #restore(wearer: Wearer, hatId: string, former: DefinedHat | undefined): Promise<void> {
    // The caller may be gone, and what was begun is to be ended all the same; each answer has its time-out.
    const { signal } = new AbortController();
    if (former !== undefined) {
      await this.#define(wearer, hatId, former, signal);
      return;
    }
    const assigned = await this.list(wearer.roomJid, signal);
    if ([...assigned.values()].some((hats) => hats.has(hatId))) return;
    await this.#run("destroy", wearer, hatId, [{ fields: ["hat"], value: hatId }], signal);
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
    action: "create" | "destroy" | "assign" | "unassign",
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
