import * as assert from "uvu/assert";
import { hatsIn } from "../support/shown-hats.js";
import { XmppUser } from "../support/xmpp-user.js";
import { type Callers, hasNoEnding, type Outcome, outcomeOf, saysNothingWasDone } from "./calls.js";
import { type FaultyServer, HOST, MUC_DOMAIN } from "./fault-stage.js";

const USERNAMES = ["bob", "john", "aaron", "marie"];
const ROOMS = 6;
const OTHER_CALLS = 152;

/**
 * Is work for 200 calls at once, kicks, hats, contacts and questions, and what tells afterwards which
 * of it was done: clients of users, who share nothing with Doorman.
 */
export class Load {
  readonly #users = new Map<string, XmppUser>();
  readonly #outcomes: Outcome[] = [];

  /** @param name a word that no other load on the server has */
  constructor(
    private readonly server: FaultyServer,
    private readonly name: string,
  ) {}

  /** Fills rooms that stay when the server is restarted, with members. */
  async prepare(): Promise<void> {
    const alice = await this.#user("alice");
    for (const roomJid of this.rooms) {
      await alice.joinRoom(roomJid, "Alice");
      await alice.makeRoomPersistent(roomJid);
      for (const username of USERNAMES) {
        await alice.grantAffiliation(roomJid, `${username}@${HOST}`, "member");
      }
    }
    for (const username of USERNAMES) {
      const user = await this.#user(username);
      for (const roomJid of this.rooms) await user.joinRoom(roomJid, username);
    }
  }

  /**
   * Makes the calls, all at once, and something happen when the first of them have ended.
   * @returns how each ended
   */
  async run(callers: Callers, fault: () => unknown): Promise<Outcome[]> {
    const calls = [...this.#calls(callers)].map(([call, start]) => ({ call, start }));
    let ended = 0;
    let strike = () => {};
    const struck = new Promise<void>((resolve) => {
      strike = resolve;
    }).then(fault);
    struck.catch(() => {});
    const running = mixed(calls).map(async ({ call, start }) => {
      const outcome = await outcomeOf(call, start());
      ended += 1;
      if (ended === 15) strike();
      return outcome;
    });
    const outcomes = await Promise.all(running);
    this.#outcomes.push(...outcomes);
    await struck;
    return outcomes;
  }

  /**
   * Asserts that each call ended well or with a reason, and that what it says is so; and that what is
   * unsure of hats can be looked up, and made sure of by calling again.
   */
  async assertTrue(callers: Callers): Promise<void> {
    assert.equal(
      this.#outcomes.filter(hasNoEnding),
      [],
      "calls that hung, or failed for no reason",
    );
    await this.#assertKicksTrue();
    await this.#logOut();
    const contacts = await this.#contacts();
    this.#compare("contact", (call) => contacts.has(call));
    const hats = await this.#hats();
    this.#compare("hat", (call) => hats.has(call));
    await this.#assertHatsTold(callers, hats);
  }

  async close(): Promise<void> {
    await this.#logOut();
  }

  *#calls({ rooms, rosters, hats }: Callers): Generator<[string, () => Promise<unknown>]> {
    for (const roomJid of this.rooms) {
      for (const username of USERNAMES) {
        const userJid = `${username}@${HOST}`;
        const of = `${roomJid} ${username}`;
        yield [`kick ${of}`, () => rooms.kickOccupant({ roomJid, nickname: username })];
        const attachment = { active: true, required: true, title: "Guest" };
        yield [`hat ${of}`, () => hats.addUserHat({ roomJid, userJid, hatId: HAT, attachment })];
      }
    }
    for (let index = 0; index < OTHER_CALLS; index++) {
      const userJid = `${USERNAMES[index % USERNAMES.length]}@${HOST}`;
      const roomJid = this.rooms[index % ROOMS] ?? "";
      const jid = `${this.name}-${index}@${HOST}`;
      if (index % 3 === 0) yield [`list ${index}`, () => rooms.listOccupants({ roomJid })];
      else if (index % 3 === 1) yield [`get ${index}`, () => rosters.getRoster({ userJid })];
      else {
        const contact = { jid, name: "Somebody" };
        yield [`contact ${userJid} ${jid}`, () => rosters.setContact({ userJid, contact })];
      }
    }
  }

  /** The JIDs of the rooms. */
  get rooms(): string[] {
    return Array.from({ length: ROOMS }, (_, index) => `${this.name}${index}@${MUC_DOMAIN}`);
  }

  async #user(username: string): Promise<XmppUser> {
    const known = this.#users.get(username) ?? (await XmppUser.login(this.server, username));
    this.#users.set(username, known);
    return known;
  }

  async #logOut(): Promise<void> {
    for (const user of this.#users.values()) await user.close();
    this.#users.clear();
  }

  /** By what the kicked were told before their own connections ended. */
  async #assertKicksTrue(): Promise<void> {
    const kicked = new Set<string>();
    for (const username of USERNAMES) {
      const user = await this.#user(username);
      // Whatever the server has sent before its answer is here with it, if there still is a server.
      await user.roster().catch(() => {});
      for (const roomJid of this.rooms) {
        const own = user
          .presencesIn(roomJid)
          .filter((presence) => presence.getAttr("from") === `${roomJid}/${username}`);
        if (own.some(isKick)) kicked.add(`kick ${roomJid} ${username}`);
      }
    }
    this.#compare("kick", (call) => kicked.has(call));
  }

  async #contacts(): Promise<Set<string>> {
    const found = new Set<string>();
    for (const username of USERNAMES) {
      const user = await this.#user(username);
      for (const { jid } of await user.roster()) found.add(`contact ${user.jid} ${jid}`);
    }
    return found;
  }

  async #hats(): Promise<Set<string>> {
    const found = new Set<string>();
    for (const username of USERNAMES) {
      const user = await this.#user(username);
      for (const roomJid of this.rooms) {
        const own = await user.joinRoom(roomJid, username);
        if (hatsIn(own).has(HAT)) found.add(`hat ${roomJid} ${username}`);
      }
    }
    return found;
  }

  /** Compares what GetUserHats answers with what the rooms show. */
  async #assertHatsTold({ hats }: Callers, shown: ReadonlySet<string>): Promise<void> {
    const calls = this.#outcomes.filter(({ call }) => call.startsWith("hat "));
    for (const { call, ended } of calls) {
      const [, roomJid = "", username] = call.split(" ");
      const userJid = `${username}@${HOST}`;
      const tells = async () => HAT in (await hats.getUserHats({ roomJid, userJid })).hats;
      assert.is(await tells(), shown.has(call), call);
      if (ended !== "SERVER_NO_ANSWER") continue;
      await hats.removeUserHat({ roomJid, userJid, hatId: HAT });
      assert.is(await tells(), false, `${call}, taken away`);
    }
  }

  #compare(kind: string, happened: (call: string) => boolean): void {
    const asked = this.#outcomes.filter(({ call }) => call.startsWith(`${kind} `));
    const untrue = asked.filter((outcome) =>
      happened(outcome.call) ? saysNothingWasDone(outcome) : outcome.ended === "OK",
    );
    assert.equal(untrue, [], `${kind}s that ended in another way than they say`);
  }
}

const HAT = "urn:hat:guest";

function isKick(presence: ReturnType<XmppUser["presencesIn"]>[number]): boolean {
  const user = presence.getChild("x", "http://jabber.org/protocol/muc#user");
  const codes = user?.getChildren("status").map((status) => status.getAttr("code")) ?? [];
  return presence.getAttr("type") === "unavailable" && codes.includes("307");
}

/** Puts calls of all kinds side by side, in the same way at each run. */
function mixed<T>(calls: readonly T[]): T[] {
  const step = 37;
  return calls.map((_, index) => calls[(index * step) % calls.length] as T);
}
