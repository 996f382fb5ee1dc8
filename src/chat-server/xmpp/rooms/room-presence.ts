import { create } from "@bufbuild/protobuf";
import { type HatAttachment, HatAttachmentSchema } from "../../../../gen/doorman/v1/hat_pb.js";
import {
  Affiliation,
  type Occupant,
  OccupantSchema,
  Role,
} from "../../../../gen/doorman/v1/room_pb.js";
import { attribute, bareOf, type Element, resourceOf } from "../stanzas/stanza.js";

/** XEP-0045. */
const NS_MUC_USER = "http://jabber.org/protocol/muc#user";
/** XEP-0317, as Prosody 0.12 and ejabberd up to 24.12 write it, and as Prosody 13 does. */
const NS_HATS = ["xmpp:prosody.im/protocol/hats:1", "urn:xmpp:hats:0"];

/** Status codes (XEP-0045 section 15.6.2). */
const SELF = "110";
const CREATED = "201";
const RENAMED = "303";

/** A presence that came from a room: somebody is there, or has left. */
export interface RoomPresence {
  nickname: string;
  available: boolean;
  /** Whether it is about Doorman. A server may leave that out of a leave. */
  isSelf: boolean;
  /** Whether Doorman's joining has created the room. */
  created: boolean;
  /** The new nickname; empty when it has not changed. */
  newNickname: string;
  destroyed: boolean;
  occupant: Occupant;
}

/** Reads a presence that is available or unavailable. */
export function readRoomPresence(stanza: Element): RoomPresence {
  const nickname = resourceOf(attribute(stanza, "from"));
  const user = stanza.getChild("x", NS_MUC_USER);
  const item = user?.getChild("item");
  const of = (name: string) => (item === undefined ? "" : attribute(item, name));
  const codes = new Set(user?.getChildren("status").map((status) => attribute(status, "code")));
  return {
    nickname,
    available: attribute(stanza, "type") === "",
    isSelf: codes.has(SELF),
    created: codes.has(CREATED),
    newNickname: codes.has(RENAMED) ? of("nick") : "",
    destroyed: user?.getChild("destroy") !== undefined,
    occupant: create(OccupantSchema, {
      nickname,
      userJid: bareOf(of("jid")),
      role: ROLES[of("role")] ?? Role.UNSPECIFIED,
      affiliation: AFFILIATIONS[of("affiliation")] ?? Affiliation.UNSPECIFIED,
      hats: readHats(stanza),
    }),
  };
}

const ROLES: Readonly<Record<string, Role>> = {
  visitor: Role.VISITOR,
  participant: Role.PARTICIPANT,
  moderator: Role.MODERATOR,
};

const AFFILIATIONS: Readonly<Record<string, Affiliation>> = {
  none: Affiliation.NONE,
  member: Affiliation.MEMBER,
  admin: Affiliation.ADMIN,
  owner: Affiliation.OWNER,
  outcast: Affiliation.OUTCAST,
};

/** A presence shows active hats only, and never whether they are required. */
function readHats(stanza: Element): Record<string, HatAttachment> {
  const hats = NS_HATS.flatMap((namespace) => stanza.getChildren("hats", namespace))
    .flatMap((list) => list.getChildren("hat"))
    .map((hat): [string, HatAttachment] => [
      attribute(hat, "uri"),
      create(HatAttachmentSchema, { active: true, title: attribute(hat, "title") }),
    ]);
  return Object.fromEntries(hats);
}
