import { domainOf } from "../../../jid/parts.js";
import type { IqClient } from "../connection/iq.js";
import type { HatDialect, Wearer } from "./hat-dialect.js";
import { runHatCommand } from "./run-hat-command.js";

const NODE = "http://prosody.im/protocol/hats#";

/** Is hats by the commands of Prosody's mod_muc_hats_adhoc, on the domain of the rooms, which list none. */
export class ProsodyHats implements HatDialect {
  readonly maxHats = undefined;

  constructor(private readonly iq: IqClient) {}

  static isOffered(domainCommands: ReadonlySet<string>): boolean {
    return domainCommands.has(`${NODE}add`) && domainCommands.has(`${NODE}remove`);
  }

  async add(wearer: Wearer, hatId: string, title: string, signal: AbortSignal): Promise<void> {
    await this.#run("add", wearer, hatId, [{ fields: ["title"], value: title }], signal);
  }

  async remove(wearer: Wearer, hatId: string, signal: AbortSignal): Promise<void> {
    await this.#run("remove", wearer, hatId, [], signal);
  }

  async list(): Promise<undefined> {
    return undefined;
  }

  async #run(
    action: "add" | "remove",
    wearer: Wearer,
    hatId: string,
    more: readonly { fields: readonly string[]; value: string }[],
    signal: AbortSignal,
  ): Promise<void> {
    await runHatCommand(this.iq, {
      ...wearer,
      to: domainOf(wearer.roomJid),
      node: `${NODE}${action}`,
      action,
      hatId,
      answers: [
        { fields: ["user"], value: wearer.userJid },
        { fields: ["room"], value: wearer.roomJid },
        { fields: ["uri"], value: hatId },
        ...more,
      ],
      signal,
    });
  }
}
