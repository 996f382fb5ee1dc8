/** Is the database as TypeScript sees it: portable types only, so that PostgreSQL can hold the same. */
export interface Schema {
  keys: KeysTable;
  invites: InvitesTable;
  invite_requests: InviteRequestsTable;
  hats: HatsTable;
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
  /** A random UUID: what page tokens name an invite by, since they may not hold its secret. */
  id: string;
  token: string;
  host: string;
  /** "doorman" or "server": who issued it. */
  issuer: "doorman" | "server";
  /** Empty unless preset. */
  username: string;
  uri: string;
  /** The server's own page; empty when Doorman's serves. */
  landing_page_url: string;
  uses: number;
  max_uses: number;
  note: string;
  create_time: number;
  expire_time: number | null;
  revoke_time: number | null;
  key_id: string;
}

/** Which invite a request id led to, so that a repeated call finds it. */
export interface InviteRequestsTable {
  key_id: string;
  request_id: string;
  /** Lower-case hexadecimal SHA-256 of the request. */
  request_sha256: string;
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
