import type { DescService } from "@bufbuild/protobuf";
import { SandboxService } from "../../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { HatService } from "../../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { ServerService } from "../../gen/doorman/v1/server_service_pb.js";
import { grantOf } from "./caller.js";

/** Are the grants of a key that is created without naming any. */
export const DEFAULT_GRANTS = grantsOf([
  InviteService,
  RoomService,
  RosterService,
  HatService,
  ServerService,
]);

/** Lets a key make invites that reset passwords: whoever holds it can have any account but protected ones. */
export const RESET_PASSWORD_GRANT = "invites.reset_password";

/** Are the grants of a key that was created with just them, and of no other. */
export const EXPLICIT_GRANTS = [RESET_PASSWORD_GRANT];

/** Are the grants that such a key has besides where there is the sandbox. */
export const SANDBOX_GRANTS = grantsOf([SandboxService]);

function grantsOf(services: DescService[]): string[] {
  const grants = services.flatMap((service) => service.methods.map(grantOf));
  return [...new Set(grants.filter((name) => name !== undefined))].sort();
}
