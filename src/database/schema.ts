import type { Purpose } from "../invites/purpose.js";

/** Is the database as TypeScript sees it: portable types only, so that PostgreSQL can hold the same. */
export interface Schema {
  keys: KeysTable;
  invites: InvitesTable;
  invite_requests: InviteRequestsTable;
  redemptions: RedemptionsTable;
  hats: HatsTable;
  hat_changes: HatChangesTable;
}

/** Times are milliseconds since 1970-01-01 UTC; flags are 0 or 1; names of hosts and JIDs are normalised. */
export interface KeysTable {
  id: string;
  host: string;
  /** Empty when the key has none. */
  name: string;
  /** Lower-case hexadecimal SHA-256 of the token; the token itself is nowhere. */
  token_sha256: string;
  /** The grants, separated by spaces. */
  grants: string;
  create_time: number;
  /** Null when the key never expires. */
  expire_time: number | null;
}

export interface InvitesTable {
  /** A random UUID, and no secret. */
  id: string;
  /** Null for a password reset, whose token is nowhere once it is told. */
  token: string | null;
  /** Lower-case hexadecimal SHA-256 of the token: what an invite is found by. */
  token_sha256: string;
  host: string;
  /** "doorman" or "server": who issued it. */
  issuer: "doorman" | "server";
  purpose: Purpose;
  /** Empty unless preset. */
  username: string;
  /** A bare JID, of whom the invite is; empty when it does not say. */
  inviter_jid: string;
  /** Empty for a password reset. */
  uri: string;
  /** The server's own page; empty when Doorman's serves. */
  landing_page_url: string;
  /** With those that are being redeemed. */
  uses: number;
  max_uses: number;
  note: string;
  create_time: number;
  expire_time: number | null;
  revoke_time: number | null;
  key_id: string;
  /** What invites that were created in one call have in common; their ids are in the call's order. */
  bulk_id: string | null;
}

/** A use of an invite, from the claim on it. A use that is given back has none. */
export interface RedemptionsTable {
  id: string;
  invite_id: string;
  user_jid: string;
  /**
   * "claimed": nothing was asked of the server yet. "asked": it may have been. "applied": the account or
   * the password is there, the contacts may not be. "refreshed": of a new account those of the contacts
   * app are, the inviter may not be. "done".
   */
  state: "claimed" | "asked" | "applied" | "refreshed" | "done";
  /** Who works on it: a UUID, new with each one that takes it over. */
  attempt: string;
  /** Until when nobody else may take it over. */
  lease_time: number;
  claim_time: number;
  /** When it was applied, or was counted as that. */
  redeem_time: number | null;
  /** When the server was asked last. */
  ask_time: number | null;
  /** What the new password of a reset is recognised by, until it is known to be there. */
  password_digest: string | null;
}

/** Which invite a request id led to, so that a repeated call finds it. */
export interface InviteRequestsTable {
  key_id: string;
  request_id: string;
  /** Lower-case hexadecimal SHA-256 of the request. */
  request_sha256: string;
  /** The first of several that were created in one call. */
  invite_id: string;
}

export interface HatsTable {
  room_jid: string;
  user_jid: string;
  hat_id: string;
  active: number;
  required: number;
  title: string;
}

/** What was asked of the chat server and was not seen to be done, until it is. What is known is in `hats`. */
export interface HatChangesTable extends HatsTable {
  /** 1: the hat was to go, and the columns that say what it was to be are 0 and empty. */
  removes: number;
}
