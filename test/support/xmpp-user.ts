import { randomUUID } from "node:crypto";
import { type Client, client, jid, xml } from "@xmpp/client";
import { PATIENCE_MS } from "./patience.js";
import { type RosterItem, rosterItems, statusCodes } from "./read-stanza.js";
import type { RunningChatServer } from "./running-chat-server.js";
import {
  LOGOUT_TIMEOUT_MS,
  logOut,
  quieten,
  request,
  type Stanza,
  within,
} from "./xmpp-request.js";

const MAX_KEPT_STANZAS = 1_000;

const DISCO_INFO = "http://jabber.org/protocol/disco#info";
const MUC = "http://jabber.org/protocol/muc";
const MUC_ADMIN = `${MUC}#admin`;
const MUC_OWNER = `${MUC}#owner`;

interface Waiter {
  predicate: (stanza: Stanza) => boolean;
  resolve: (stanza: Stanza) => void;
}

/**
 * Is a user connected with a client of their own, to see what Doorman's calls do to them. It shares
 * no code with Doorman. Every wait ends with an error after a few seconds.
 */
export class XmppUser {
  readonly #xmpp: Client;
  readonly #kept: Stanza[] = [];
  readonly #waiters = new Set<Waiter>();

  private constructor(
    xmpp: Client,
    /** The bare JID. */
    readonly jid: string,
  ) {
    this.#xmpp = xmpp;
    xmpp.on("stanza", (stanza: Stanza) => this.#receive(stanza));
  }

  /**
   * Logs in and comes online.
   * @param account a username at `server.domain`, or the bare JID of an account on another host
   * @param resource absent: the server chooses
   */
  static async login(
    server: RunningChatServer,
    account: string,
    password = server.password(account),
    resource?: string,
  ): Promise<XmppUser> {
    const { local: username, domain } = jid(
      account.includes("@") ? account : `${account}@${server.domain}`,
    );
    const xmpp = client({
      service: server.service,
      domain,
      ...(resource !== undefined && { resource }),
      // The library's own 2 s are little on a machine that is busy.
      timeout: PATIENCE_MS,
      // SCRAM's key derivation would cost each login half a second.
      credentials: (authenticate, mechanisms) => {
        const userAgent = xml("user-agent", { id: randomUUID() });
        if (!mechanisms.includes("PLAIN")) {
          return authenticate({ username, password }, "SCRAM-SHA-1", userAgent);
        }
        // The library writes a byte for a character, and RFC 4616 asks for UTF-8.
        const credentials = { username: utf8(username), password: utf8(password) };
        return authenticate(credentials, "PLAIN", userAgent);
      },
    });
    quieten(xmpp);
    const user = new XmppUser(xmpp, `${username}@${domain}`);
    try {
      await within(PATIENCE_MS, xmpp.start(), `login of ${user.jid}`);
      // From here on it is the time for a logout. Its timers keep the process of the test.
      xmpp.timeout = LOGOUT_TIMEOUT_MS;
    } catch (error) {
      await user.close();
      throw error;
    }
    await user.send(xml("presence"));
    return user;
  }

  /**
   * Joins a room, and creates and unlocks it when there is none. Forgets what was received before.
   * @returns the presence that the room shows of the user
   */
  async joinRoom(roomJid: string, nickname: string): Promise<Stanza> {
    const occupantJid = `${roomJid}/${nickname}`;
    this.forget();
    await this.send(xml("presence", { to: occupantJid }, xml("x", { xmlns: MUC })));
    const answer = await this.nextStanza(
      (stanza) =>
        stanza.is("presence") &&
        (stanza.getAttr("type") === "error" || statusCodes(stanza).includes("110")) &&
        jid(stanza.getAttr("from")).bare().toString() === roomJid,
    );
    if (answer.getAttr("type") === "error") {
      throw new Error(`${this.jid} could not join ${roomJid}: ${answer.toString()}`);
    }
    // XEP-0045 section 10.1.2: a new room lets nobody else in until its owner accepts the defaults.
    if (statusCodes(answer).includes("201")) await this.#submitRoomConfiguration(roomJid, []);
    return answer;
  }

  /** Leaves a room; resolves when the room has confirmed it. */
  async leave(roomJid: string, nickname: string): Promise<void> {
    const occupantJid = `${roomJid}/${nickname}`;
    await this.send(xml("presence", { to: occupantJid, type: "unavailable" }));
    await this.nextStanza(
      (stanza) =>
        stanza.is("presence") &&
        stanza.getAttr("type") === "unavailable" &&
        stanza.getAttr("from") === occupantJid,
    );
  }

  /** Gives someone an affiliation in a room that this user may administer (XEP-0045 section 9). */
  async grantAffiliation(roomJid: string, userJid: string, affiliation: string): Promise<void> {
    const item = xml("item", { jid: userJid, affiliation });
    await this.request("set", roomJid, xml("query", { xmlns: MUC_ADMIN }, item));
  }

  /** Lists those with an affiliation, in a room that this user may administer. */
  async affiliated(roomJid: string, affiliation: string): Promise<string[]> {
    const item = xml("item", { affiliation });
    const answer = await this.request("get", roomJid, xml("query", { xmlns: MUC_ADMIN }, item));
    const items = answer.getChild("query", MUC_ADMIN)?.getChildren("item") ?? [];
    return items.map((one) => String(one.getAttr("jid")));
  }

  /** Lets a room of this user's stay when the last occupant leaves. */
  makeRoomPersistent(roomJid: string): Promise<void> {
    return this.configureRoom(roomJid, { persistentroom: "1" });
  }

  /** Whether a room stays when the last occupant leaves (XEP-0045 section 6.4). */
  async isRoomPersistent(roomJid: string): Promise<boolean> {
    const answer = await this.request("get", roomJid, xml("query", { xmlns: DISCO_INFO }));
    const features = answer.getChild("query", DISCO_INFO)?.getChildren("feature") ?? [];
    return features.some((feature) => feature.getAttr("var") === "muc_persistent");
  }

  /** Changes some of the settings of a room of this user's, by their names without muc#roomconfig_. */
  configureRoom(roomJid: string, settings: Record<string, string>): Promise<void> {
    const fields = Object.entries(settings).map(([name, value]): [string, string] => [
      `muc#roomconfig_${name}`,
      value,
    ]);
    return this.#submitRoomConfiguration(roomJid, [["FORM_TYPE", `${MUC}#roomconfig`], ...fields]);
  }

  /** Destroys a room of this user's (XEP-0045 section 10.9). */
  async destroyRoom(roomJid: string): Promise<void> {
    await this.request("set", roomJid, xml("query", { xmlns: MUC_OWNER }, xml("destroy")));
  }

  /** Reads this user's own roster; from then on the server also pushes changes of it here. */
  async roster(): Promise<RosterItem[]> {
    const answer = await this.request(
      "get",
      undefined,
      xml("query", { xmlns: "jabber:iq:roster" }),
    );
    return rosterItems(answer);
  }

  /** Waits for the server's push of a change of this user's roster. */
  async nextRosterPush(timeoutMs?: number): Promise<RosterItem> {
    const push = await this.nextStanza(
      (stanza) =>
        stanza.is("iq") && stanza.getAttr("type") === "set" && rosterItems(stanza).length > 0,
      timeoutMs,
    );
    return rosterItems(push)[0] as RosterItem;
  }

  /**
   * Answers the first stanza that satisfies `predicate` and that no call has answered before, of
   * those received since the last `forget` or else of those to come.
   */
  async nextStanza(
    predicate: (stanza: Stanza) => boolean,
    timeoutMs: number = PATIENCE_MS,
  ): Promise<Stanza> {
    const index = this.#kept.findIndex(predicate);
    if (index !== -1) return this.#kept.splice(index, 1)[0] as Stanza;
    let waiter: Waiter | undefined;
    const stanza = new Promise<Stanza>((resolve) => {
      waiter = { predicate, resolve };
      this.#waiters.add(waiter);
    });
    try {
      return await within(timeoutMs, stanza, `stanza for ${this.jid}`);
    } catch (error) {
      const kept = this.#kept.slice(-10).join("\n") || "nothing";
      throw new Error(`${(error as Error).message}; received since:\n${kept}`);
    } finally {
      if (waiter !== undefined) this.#waiters.delete(waiter);
    }
  }

  /** Answers the presence of everybody else in a room, as received since `joinRoom`. */
  presencesIn(roomJid: string): Stanza[] {
    return this.#kept.filter(
      (stanza) =>
        stanza.is("presence") && jid(stanza.getAttr("from")).bare().toString() === roomJid,
    );
  }

  /** Drops what was received so far, so that `nextStanza` sees only what the next step causes. */
  forget(): void {
    this.#kept.length = 0;
  }

  send(stanza: Stanza): Promise<void> {
    return within(PATIENCE_MS, this.#xmpp.send(stanza), `sending by ${this.jid}`);
  }

  /**
   * Sends an IQ and answers the result.
   * @param to absent: the user's own account
   * @throws StanzaError
   */
  request(type: "get" | "set", to: string | undefined, child: Stanza): Promise<Stanza> {
    return request(this.#xmpp, type, to, child);
  }

  /** Asks the user's server what it is (XEP-0092): "Prosody 0.12.3". */
  async serverVersion(): Promise<string> {
    const query = xml("query", { xmlns: "jabber:iq:version" });
    const { domain } = jid(this.jid);
    const answer = (await this.request("get", domain, query)).getChild("query");
    return `${answer?.getChildText("name")} ${answer?.getChildText("version")}`;
  }

  close(): Promise<void> {
    return logOut(this.#xmpp);
  }

  async #submitRoomConfiguration(roomJid: string, fields: [string, string][]): Promise<void> {
    const form = xml(
      "x",
      { xmlns: "jabber:x:data", type: "submit" },
      ...fields.map(([name, value]) => xml("field", { var: name }, xml("value", {}, value))),
    );
    await this.request("set", roomJid, xml("query", { xmlns: MUC_OWNER }, form));
  }

  #receive(stanza: Stanza): void {
    for (const waiter of this.#waiters) {
      if (!waiter.predicate(stanza)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(stanza);
      return;
    }
    this.#kept.push(stanza);
    if (this.#kept.length > MAX_KEPT_STANZAS) this.#kept.shift();
  }
}

/** Writes the bytes of a text as the characters that have their numbers. */
function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
