import { type Client, createClient } from "@connectrpc/connect";
import { HatService } from "../../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import { ServerService } from "../../gen/doorman/v1/server_service_pb.js";
import { type DoormanOptions, doormanTransport } from "./doorman-transport.js";

/** Holds the typed clients of Doorman's services. Every call that fails throws a DoormanError. */
export interface Doorman {
  readonly invites: Client<typeof InviteService>;
  readonly rooms: Client<typeof RoomService>;
  readonly rosters: Client<typeof RosterService>;
  readonly hats: Client<typeof HatService>;
  readonly server: Client<typeof ServerService>;
}

/**
 * Makes the typed clients of one Doorman with one key. Connects to nothing until the first call.
 * @throws TypeError when the key is none
 */
export function createDoorman(options: DoormanOptions): Doorman {
  const transport = doormanTransport(options);
  return {
    invites: createClient(InviteService, transport),
    rooms: createClient(RoomService, transport),
    rosters: createClient(RosterService, transport),
    hats: createClient(HatService, transport),
    server: createClient(ServerService, transport),
  };
}
