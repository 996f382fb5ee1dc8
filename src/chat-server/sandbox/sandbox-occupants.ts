import { create } from "@bufbuild/protobuf";
import type { HatAttachment } from "../../../gen/doorman/v1/hat_pb.js";
import {
  Affiliation,
  type Occupant,
  OccupantSchema,
  Role,
} from "../../../gen/doorman/v1/room_pb.js";
import { copyOfHat } from "./sandbox-hats.js";
import type { SandboxRoom } from "./sandbox-state.js";

/** Lists who is in a room, with the hats that are active. */
export function occupantsOf(room: SandboxRoom): Occupant[] {
  return [...room.occupants].map(([nickname, { userJid, role }]) => {
    const user = room.affiliated.get(userJid);
    const affiliation = user?.affiliation ?? Affiliation.NONE;
    return create(OccupantSchema, {
      nickname,
      userJid,
      role: role === Role.UNSPECIFIED ? defaultRole(affiliation) : role,
      affiliation,
      hats: activeHats(user?.hats ?? new Map()),
    });
  });
}

/** Lists the nicknames of a user in a room; none where there is no room. */
export function nicknamesOf(room: SandboxRoom | undefined, userJid: string): string[] {
  const occupants = [...(room?.occupants ?? [])];
  return occupants.filter(([, one]) => one.userJid === userJid).map(([nickname]) => nickname);
}

/** XEP-0045 section 5.1.2, the role that an affiliation brings in a room that is not moderated. */
function defaultRole(affiliation: Affiliation): Role {
  return affiliation === Affiliation.ADMIN || affiliation === Affiliation.OWNER
    ? Role.MODERATOR
    : Role.PARTICIPANT;
}

function activeHats(hats: ReadonlyMap<string, HatAttachment>): Record<string, HatAttachment> {
  return Object.fromEntries(
    [...hats].filter(([, hat]) => hat.active).map(([hatId, hat]) => [hatId, copyOfHat(hat)]),
  );
}
