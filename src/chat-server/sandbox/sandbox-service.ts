import type { DescEnum } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { SandboxService } from "../../../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { Affiliation, AffiliationSchema, RoleSchema } from "../../../gen/doorman/v1/room_pb.js";
import { invalidField } from "../../errors/doorman-error.js";
import { parseBareJid, parseNickname } from "../../jid/jid.js";
import type { Sandbox } from "./sandbox.js";

/** Lets clients' tests set the sandbox's stage. */
export function sandboxService(sandbox: Sandbox): ServiceImpl<typeof SandboxService> {
  return {
    async putUser(request) {
      sandbox.putUser(parseBareJid(request.userJid, "user_jid").bare);
      return {};
    },

    async putOccupant(request) {
      if (request.affiliation === Affiliation.OUTCAST) {
        throw invalidField("affiliation", "keeps the user out of the room: use SetAffiliation");
      }
      sandbox.putOccupant({
        roomJid: parseBareJid(request.roomJid, "room_jid").bare,
        nickname: parseNickname(request.nickname, "nickname"),
        userJid: parseBareJid(request.userJid, "user_jid").bare,
        role: knownValue(request.role, RoleSchema, "role"),
        affiliation: knownValue(request.affiliation, AffiliationSchema, "affiliation"),
      });
      return {};
    },

    async reset() {
      sandbox.reset();
      return {};
    },
  };
}

/** Refuses the numbers that proto3's open enums let through. */
function knownValue<V extends number>(value: V, schema: DescEnum, field: string): V {
  if (schema.value[value] !== undefined) return value;
  throw invalidField(field, `is ${value}, which is none of the values of ${schema.name}`);
}
