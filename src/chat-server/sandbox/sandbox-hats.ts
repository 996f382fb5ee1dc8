import { create } from "@bufbuild/protobuf";
import { type HatAttachment, HatAttachmentSchema } from "../../../gen/doorman/v1/hat_pb.js";
import { Affiliation } from "../../../gen/doorman/v1/room_pb.js";
import type { ChatHats } from "../chat-hats.js";
import { roomNotFound, throwIfAborted, userNotAffiliated } from "./sandbox-errors.js";
import type { SandboxRoom, SandboxState } from "./sandbox-state.js";

/** Is hats as mod_muc_hats_api keeps them: with the user's affiliation, inactive ones too. */
export class SandboxHats implements ChatHats {
  constructor(private readonly state: SandboxState) {}

  async get(
    roomJid: string,
    userJid: string,
    signal: AbortSignal,
  ): Promise<Map<string, HatAttachment>> {
    throwIfAborted(signal);
    return copyOfHats(this.hats(roomJid, userJid));
  }

  async list(
    roomJid: string,
    signal: AbortSignal,
  ): Promise<Map<string, Map<string, HatAttachment>>> {
    throwIfAborted(signal);
    const wearers = [...this.room(roomJid).affiliated].filter(([, { hats }]) => hats.size > 0);
    return new Map(wearers.map(([userJid, { hats }]) => [userJid, copyOfHats(hats)]));
  }

  async put(
    roomJid: string,
    userJid: string,
    hatId: string,
    attachment: HatAttachment,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    const hats = this.hats(roomJid, userJid);
    this.state.ensureSpace(1);
    hats.set(hatId, copyOfHat(attachment));
  }

  async remove(
    roomJid: string,
    userJid: string,
    hatId: string,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    this.hats(roomJid, userJid).delete(hatId);
  }

  async replaceAll(
    roomJid: string,
    userJid: string,
    wanted: ReadonlyMap<string, HatAttachment>,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    const hats = this.hats(roomJid, userJid);
    this.state.ensureSpace(Math.max(wanted.size - hats.size, 0));
    hats.clear();
    for (const [hatId, attachment] of wanted) hats.set(hatId, copyOfHat(attachment));
  }

  // The module's order: first the room, then the affiliation.
  private hats(roomJid: string, userJid: string): Map<string, HatAttachment> {
    const user = this.room(roomJid).affiliated.get(userJid);
    if (user === undefined || user.affiliation === Affiliation.OUTCAST) {
      throw userNotAffiliated(roomJid, userJid);
    }
    return user.hats;
  }

  private room(roomJid: string): SandboxRoom {
    const room = this.state.rooms.get(roomJid);
    if (room === undefined) throw roomNotFound(roomJid);
    return room;
  }
}

function copyOfHats(hats: ReadonlyMap<string, HatAttachment>): Map<string, HatAttachment> {
  return new Map([...hats].map(([hatId, attachment]) => [hatId, copyOfHat(attachment)]));
}

/** Copies what a hat holds, and nothing that a newer client may have sent with it. */
export function copyOfHat({ active, required, title }: HatAttachment): HatAttachment {
  return create(HatAttachmentSchema, { active, required, title });
}
