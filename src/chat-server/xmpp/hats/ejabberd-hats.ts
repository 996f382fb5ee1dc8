import type { HatAttachment } from "../../../../gen/doorman/v1/hat_pb.js";
import type { HatLedger } from "../../hat-ledger.js";
import type { IqClient } from "../connection/iq.js";
import type { Answer } from "../stanzas/ad-hoc-command.js";
import { firstValue } from "../stanzas/data-form.js";
import { bareOf } from "../stanzas/stanza.js";
import type { HatDialect, RoomHats, Wearer } from "./hat-dialect.js";
import { type HatRow, readHatRows } from "./hat-rows.js";
import { runHatCommand, runHatList } from "./run-hat-command.js";

interface Nodes {
  add: string;
  remove: string;
  list: string;
}

/** What the same three commands are called: up to ejabberd 24.12, and in the versions after it. */
const NODES: readonly Nodes[] = [
  {
    add: "http://prosody.im/protocol/hats#add",
    remove: "http://prosody.im/protocol/hats#remove",
    list: "p1:hats#list",
  },
  {
    add: "urn:xmpp:hats:commands:don",
    remove: "urn:xmpp:hats:commands:doff",
    list: "urn:xmpp:hats:commands:dlist",
  },
];

/** Is hats by the commands that ejabberd's rooms have before they follow XEP-0317 version 0.3. */
export class EjabberdHats implements HatDialect {
  readonly maxHats = 10;

  private constructor(
    private readonly iq: IqClient,
    private readonly ledger: HatLedger,
    private readonly nodes: Nodes,
  ) {}

  /** @returns undefined where a room offers other commands */
  static of(
    iq: IqClient,
    ledger: HatLedger,
    roomCommands: ReadonlySet<string>,
  ): EjabberdHats | undefined {
    const nodes = NODES.find((names) =>
      Object.values(names).every((name) => roomCommands.has(name)),
    );
    return nodes && new EjabberdHats(iq, ledger, nodes);
  }

  async add(wearer: Wearer, hatId: string, title: string, signal: AbortSignal): Promise<void> {
    await this.#run("add", wearer, hatId, [{ fields: ["hat_title"], value: title }], signal);
  }

  async remove(wearer: Wearer, hatId: string, signal: AbortSignal): Promise<void> {
    await this.#run("remove", wearer, hatId, [], signal);
  }

  async list(roomJid: string, signal: AbortSignal): Promise<RoomHats> {
    const forms = await runHatList(this.iq, roomJid, this.nodes.list, signal);
    const rows = forms.map(
      (form): HatRow => ({
        userJid: bareOf(firstValue(form, "jid")),
        uriColumn: firstValue(form, "hat_uri"),
        titleColumn: firstValue(form, "hat_title"),
      }),
    );
    return readHatRows(rows, await this.#given(roomJid));
  }

  /** Answers the hats that Doorman gave, those too of which it does not know whether they arrived. */
  async #given(roomJid: string): Promise<Map<string, Map<string, HatAttachment>>> {
    const users = await this.ledger.listRoom(roomJid);
    for (const [userJid, open] of await this.ledger.open.listRoom(roomJid)) {
      const hats = users.get(userJid) ?? new Map<string, HatAttachment>();
      for (const [hatId, wanted] of open) if (wanted?.active) hats.set(hatId, wanted);
      users.set(userJid, hats);
    }
    return users;
  }

  async #run(
    action: "add" | "remove",
    wearer: Wearer,
    hatId: string,
    more: readonly Answer[],
    signal: AbortSignal,
  ): Promise<void> {
    await runHatCommand(this.iq, {
      ...wearer,
      to: wearer.roomJid,
      node: this.nodes[action],
      action,
      hatId,
      answers: [
        { fields: ["jid"], value: wearer.userJid },
        { fields: ["hat_uri"], value: hatId },
        ...more,
      ],
      signal,
    });
  }
}
