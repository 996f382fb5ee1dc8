import { create } from "@bufbuild/protobuf";
import type { Kysely } from "kysely";
import { type HatAttachment, HatAttachmentSchema } from "../../gen/doorman/v1/hat_pb.js";
import type { Schema } from "../database/schema.js";
import { OpenHatChanges } from "./open-hat-changes.js";

/**
 * Is Doorman's own record of who has which hat, for chat servers that cannot list hats or cannot
 * hold an inactive one. JIDs are bare and normalised.
 */
export class HatLedger {
  /** Those that may have been made since. */
  readonly open: OpenHatChanges;

  constructor(private readonly database: Kysely<Schema>) {
    this.open = new OpenHatChanges(database);
  }

  /** Answers a user's hats in a room by hat id. */
  async list(roomJid: string, userJid: string): Promise<Map<string, HatAttachment>> {
    const rows = await this.database
      .selectFrom("hats")
      .select(["hat_id", "active", "required", "title"])
      .where("room_jid", "=", roomJid)
      .where("user_jid", "=", userJid)
      .execute();
    return new Map(rows.map((row) => [row.hat_id, attachmentOf(row)]));
  }

  /** Answers everybody's hats in a room, by user and hat id. */
  async listRoom(roomJid: string): Promise<Map<string, Map<string, HatAttachment>>> {
    const rows = await this.database
      .selectFrom("hats")
      .select(["user_jid", "hat_id", "active", "required", "title"])
      .where("room_jid", "=", roomJid)
      .execute();
    const users = new Map<string, Map<string, HatAttachment>>();
    for (const row of rows) {
      const hats = users.get(row.user_jid) ?? new Map<string, HatAttachment>();
      users.set(row.user_jid, hats.set(row.hat_id, attachmentOf(row)));
    }
    return users;
  }

  /** Writes down a hat, or that there is none; absent: none. */
  async put(
    roomJid: string,
    userJid: string,
    hatId: string,
    attachment: HatAttachment | undefined,
  ): Promise<void> {
    if (attachment === undefined) {
      await this.#remove(roomJid, userJid, hatId);
      return;
    }
    const values = {
      active: attachment.active ? 1 : 0,
      required: attachment.required ? 1 : 0,
      title: attachment.title,
    };
    await this.database
      .insertInto("hats")
      .values({ room_jid: roomJid, user_jid: userJid, hat_id: hatId, ...values })
      .onConflict((conflict) =>
        conflict.columns(["room_jid", "user_jid", "hat_id"]).doUpdateSet(values),
      )
      .execute();
  }

  /** Forgets all hats of a user in a room. */
  async forgetUser(roomJid: string, userJid: string): Promise<void> {
    for (const table of ["hats", "hat_changes"] as const) {
      await this.database
        .deleteFrom(table)
        .where("room_jid", "=", roomJid)
        .where("user_jid", "=", userJid)
        .execute();
    }
  }

  /** Forgets everybody's hats in a room. */
  async forgetRoom(roomJid: string): Promise<void> {
    for (const table of ["hats", "hat_changes"] as const) {
      await this.database.deleteFrom(table).where("room_jid", "=", roomJid).execute();
    }
  }

  async #remove(roomJid: string, userJid: string, hatId: string): Promise<void> {
    await this.database
      .deleteFrom("hats")
      .where("room_jid", "=", roomJid)
      .where("user_jid", "=", userJid)
      .where("hat_id", "=", hatId)
      .execute();
  }
}

function attachmentOf(row: { active: number; required: number; title: string }): HatAttachment {
  return create(HatAttachmentSchema, {
    active: row.active === 1,
    required: row.required === 1,
    title: row.title,
  });
}
