import type { Affiliation } from "../../gen/doorman/v1/room_pb.js";
import type { TestDoorman } from "../support/doorman.js";
import type { TestContactsApp } from "../support/test-contacts-app.js";
import { playedDomains } from "./played-domains.js";

/** The host and the domain of its rooms that every stage has. */
export const { host: HOST, muc: MUC_DOMAIN } = playedDomains;

/** Is somebody to be put in a room. */
export interface StageOccupant {
  roomJid: string;
  nickname: string;
  /** An account's name at HOST. */
  username: string;
  affiliation: Affiliation;
}

/** Is a contact as seen by somebody else than Doorman, where the chat server lets anybody look. */
export interface SeenContact {
  jid: string;
  name: string;
  groups: string[];
  subscription: string;
}

/**
 * Is one chat server with a Doorman in front of it, set up so that the same cases can be played on
 * every server. Accounts at HOST: john, aaron, marie, michael, alice and bob.
 */
export interface Stage {
  /** What the chat server says that it is, such as "Prosody 0.12.3"; empty for the sandbox. */
  readonly version: string;
  readonly doorman: TestDoorman;
  /** A key of HOST with every grant. */
  readonly key: string;
  readonly contactsApp: TestContactsApp;
  /** Whether users' clients can see what happens in rooms, as they do on every server but the sandbox. */
  readonly isSeen: boolean;
  /** Puts somebody in a room. The first of a room must be its owner, which makes the room. */
  putOccupant(occupant: StageOccupant): Promise<void>;
  /** Puts somebody in a room once more, under another nickname, from another client. */
  putSession(session: Omit<StageOccupant, "affiliation">): Promise<void>;
  /** Lets an owner configure a room, by the names of the settings without muc#roomconfig_ (XEP-0045). */
  configureRoom(roomJid: string, username: string, settings: Record<string, string>): Promise<void>;
  /** Lists the nicknames in a room. */
  nicknames(roomJid: string): Promise<string[]>;
  /**
   * Counts how often somebody with that nickname came in, as a user saw it who is in the room, since that
   * user came; 0 where nobody can look.
   */
  joins(roomJid: string, username: string, nickname: string): Promise<number>;
  /** Answers which hats an occupant is shown with, from id to title. */
  shownHats(roomJid: string, nickname: string): Promise<Map<string, string>>;
  /**
   * Answers a user's contacts.
   * @param password of a user who is none of the stage's own
   */
  contacts(username: string, password?: string): Promise<SeenContact[]>;
  /** Whether somebody can log in to an account of HOST with a password. */
  canLogIn(username: string, password: string): Promise<boolean>;
  close(): Promise<void>;
}
