import { randomUUID } from "node:crypto";
import { sha256 } from "../../src/crypto/digest.js";
import { openDatabase } from "../../src/database/database.js";
import type { InvitesTable } from "../../src/database/schema.js";
import { InviteStore } from "../../src/invites/invite-store.js";
import type { TestDoorman } from "./doorman.js";

/** Stores an invite in a state that no call brings about, and answers its token. */
export async function storeInvite(
  doorman: TestDoorman,
  changes: Partial<InvitesTable>,
): Promise<string> {
  const id = randomUUID();
  const token = id.replaceAll("-", "").slice(0, 24);
  const database = await openDatabase(doorman.dataFolder);
  const invite: InvitesTable = {
    id,
    token,
    token_sha256: sha256(token),
    host: "example.com",
    issuer: "doorman",
    purpose: "account",
    username: "",
    inviter_jid: "",
    uri: `xmpp:example.com?register;preauth=${token}`,
    landing_page_url: "",
    uses: 0,
    max_uses: 1,
    note: "",
    create_time: Date.now(),
    expire_time: Date.now() + 60_000,
    revoke_time: null,
    key_id: "",
    bulk_id: null,
    ...changes,
  };
  await new InviteStore(database).add([invite], undefined);
  await database.destroy();
  return token;
}
