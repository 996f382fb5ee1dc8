import { create } from "@bufbuild/protobuf";
import type { Kysely } from "kysely";
import { type HatAttachment, HatAttachmentSchema } from "../../gen/doorman/v1/hat_pb.js";
import type { HatChangesTable, Schema } from "../database/schema.js";

/** What hats were to become, by hat id; undefined: none. */
export type WantedHats = ReadonlyMap<string, HatAttachment | undefined>;

/**
 * Are the changes of hats that are begun and not yet seen to be done. Each is written down before the
 * chat server is asked, so that those whose answer was lost, or during which Doorman was killed, are
 * known afterwards. Of several of one hat it knows the last. JIDs are bare and normalised.
 */
export class OpenHatChanges {
  constructor(private readonly database: Kysely<Schema>) {}

  /** Answers what a user's hats in a room may have become. */
  async list(roomJid: string, userJid: string): Promise<WantedHats> {
    return (await this.listRoom(roomJid)).get(userJid) ?? new Map();
  }

  /** Answers what everybody's hats in a room may have become, by user. */
  async listRoom(roomJid: string): Promise<Map<string, WantedHats>> {
    const rows = await this.database
      .selectFrom("hat_changes")
      .selectAll()
      .where("room_jid", "=", roomJid)
      .execute();
    const users = new Map<string, Map<string, HatAttachment | undefined>>();
    for (const row of rows) {
      const wanted = users.get(row.user_jid) ?? new Map<string, HatAttachment | undefined>();
      users.set(row.user_jid, wanted.set(row.hat_id, wantedOf(row)));
    }
    return users;
  }

  /**
   * Writes down what a hat is to become.
   * @returns what restores the state before, for a change that was not made
   */
  async begin(
    roomJid: string,
    userJid: string,
    hatId: string,
    wanted: HatAttachment | undefined,
  ): Promise<() => Promise<void>> {
    const before = await this.list(roomJid, userJid);
    await this.#write(roomJid, userJid, hatId, wanted);
    return async () => {
      if (before.has(hatId)) await this.#write(roomJid, userJid, hatId, before.get(hatId));
      else await this.close(roomJid, userJid, hatId);
    };
  }

  /** Forgets that a hat may have changed: the ledger says what became of it. */
  async close(roomJid: string, userJid: string, hatId: string): Promise<void> {
    await this.database
      .deleteFrom("hat_changes")
      .where("room_jid", "=", roomJid)
      .where("user_jid", "=", userJid)
      .where("hat_id", "=", hatId)
      .execute();
  }

  async #write(
    roomJid: string,
    userJid: string,
    hatId: string,
    wanted: HatAttachment | undefined,
  ): Promise<void> {
    const values = {
      removes: wanted === undefined ? 1 : 0,
      active: wanted?.active ? 1 : 0,
      required: wanted?.required ? 1 : 0,
      title: wanted?.title ?? "",
    };
    await this.database
      .insertInto("hat_changes")
      .values({ room_jid: roomJid, user_jid: userJid, hat_id: hatId, ...values })
      .onConflict((conflict) =>
        conflict.columns(["room_jid", "user_jid", "hat_id"]).doUpdateSet(values),
      )
      .execute();
  }
}

function wantedOf({ removes, active, required, title }: HatChangesTable) {
  if (removes === 1) return undefined;
  return create(HatAttachmentSchema, { active: active === 1, required: required === 1, title });
}
