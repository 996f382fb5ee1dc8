import { domainOf } from "../../../jid/parts.js";
import type { HatLedger } from "../../hat-ledger.js";
import type { IqClient } from "../connection/iq.js";
import { discoverCommands } from "../stanzas/service-discovery.js";
import { AssignedHats } from "./assigned-hats.js";
import { EjabberdHats } from "./ejabberd-hats.js";
import type { HatDialect } from "./hat-dialect.js";
import { noHatsIn } from "./no-hats.js";
import { ProsodyHats } from "./prosody-hats.js";

/** Short, because a server's modules and a room's options change. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 1_000;

interface Remembered {
  dialect: HatDialect;
  untilMs: number;
}

/** Finds out how a server does hats, by asking it for its commands, and remembers that for a minute. */
export class HatDialects {
  readonly #iq: IqClient;
  readonly #ledger: HatLedger;
  /** By domain where all its rooms have one dialect, by room where each has its own. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(iq: IqClient, ledger: HatLedger) {
    this.#iq = iq;
    this.#ledger = ledger;
  }

  /** @throws SERVER_LACKS_FEATURE with what to set */
  async find(roomJid: string, signal: AbortSignal): Promise<HatDialect> {
    const domain = domainOf(roomJid);
    const known = this.#recall(domain) ?? this.#recall(roomJid);
    if (known !== undefined) return known;
    if (ProsodyHats.isOffered(await discoverCommands(this.#iq, domain, signal))) {
      return this.#remember(domain, new ProsodyHats(this.#iq));
    }
    const commands = await discoverCommands(this.#iq, roomJid, signal);
    const dialect = AssignedHats.isOffered(commands)
      ? new AssignedHats(this.#iq)
      : EjabberdHats.of(this.#iq, this.#ledger, commands);
    if (dialect === undefined) throw await noHatsIn(this.#iq, roomJid, signal);
    return this.#remember(roomJid, dialect);
  }

  /** Asks anew next time, because what was found has not proved true. */
  forget(roomJid: string): void {
    this.#remembered.delete(domainOf(roomJid));
    this.#remembered.delete(roomJid);
  }

  /** Asks anew next time, because it may be another server. */
  forgetAll(): void {
    this.#remembered.clear();
  }

  #recall(jid: string): HatDialect | undefined {
    const remembered = this.#remembered.get(jid);
    return remembered && performance.now() < remembered.untilMs ? remembered.dialect : undefined;
  }

  #remember(jid: string, dialect: HatDialect): HatDialect {
    this.#remembered.delete(jid);
    // A Map keeps the order of insertion, so that its first key is the oldest.
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= MAX_REMEMBERED) {
      this.#remembered.delete(oldest);
    }
    this.#remembered.set(jid, { dialect, untilMs: performance.now() + REMEMBERED_MS });
    return dialect;
  }
}
