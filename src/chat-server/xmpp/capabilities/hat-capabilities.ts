import pMap from "p-map";
import { degraded, type Finding, ready, unavailable } from "../../capability.js";
import { type CommandState, commandState } from "./command-state.js";
import { enableHats } from "./ejabberd-fixes.js";
import { enableModules, makeAdmin, roomsSection } from "./prosody-fixes.js";
import { someRooms } from "./room-capabilities.js";
import type { LookContext } from "./server-look.js";

/** The commands that give a hat: Prosody's and ejabberd's, ejabberd's later ones, and XEP-0317's of today. */
const GIVE = [
  "http://prosody.im/protocol/hats#add",
  "urn:xmpp:hats:commands:don",
  "urn:xmpp:hats:commands:assign",
];
/** Those that list the hats of a room, which Prosody has not. */
const LIST = [
  "p1:hats#list",
  "urn:xmpp:hats:commands:dlist",
  "urn:xmpp:hats:commands:list-assigned",
];
const ROOMS_AT_ONCE = 4;

/** Says whether hats can be given in the rooms of a domain. */
export async function findHatCommands(context: LookContext, domain: string): Promise<Finding> {
  const { jid, software } = context;
  switch (await stateOfAny(context, domain, GIVE)) {
    case "offered":
      return ready(`the commands for hats are offered on ${domain}`);
    case "forbidden":
      return unavailable(
        `Doorman's account is no administrator of ${domain}`,
        makeAdmin(roomsSection(domain), jid),
      );
    case "absent":
      if (software !== "prosody") return findInRooms(context, domain);
      return unavailable(
        `${domain} has no commands for hats: they come with the community modules mod_muc_hats_adhoc and mod_muc_hats_api, in one of Prosody's plugin_paths`,
        enableModules(roomsSection(domain), "muc_hats_adhoc"),
      );
  }
}

/** Says whether the server itself lists the hats of a room. */
export async function findHatList(context: LookContext, domain: string): Promise<Finding> {
  const states = await inRooms(context, domain, LIST);
  if (states.includes("offered")) return ready("the rooms list their hats");
  if (states.length === 0 && context.software !== "prosody") return noRoomYet(domain);
  if (context.software === "ejabberd") return switchedOff(domain);
  return degraded(
    "the chat server has no command that lists hats: Doorman answers those that it gave itself",
  );
}

async function findInRooms(context: LookContext, domain: string): Promise<Finding> {
  const states = await inRooms(context, domain, GIVE);
  const without = states.filter((state) => state !== "offered").length;
  if (states.length === 0) return noRoomYet(domain);
  if (without === 0) return ready(`the rooms of ${domain} offer the commands for hats`);
  if (context.software !== "ejabberd") return unavailable(`the rooms of ${domain} have no hats`);
  if (without === states.length) return switchedOff(domain);
  return degraded(
    `${without} of ${states.length} rooms of ${domain} have hats switched off: their owners can switch them on, in the room's configuration`,
    enableHats(),
  );
}

function switchedOff(domain: string): Finding {
  return unavailable(
    `hats are switched off in the rooms of ${domain}: for one that is there run "ejabberdctl change_room_option ROOM ${domain} enable_hats true", and new ones take`,
    enableHats(),
  );
}

async function inRooms(
  context: LookContext,
  domain: string,
  nodes: readonly string[],
): Promise<CommandState[]> {
  const rooms = await someRooms(context, domain);
  return pMap(rooms, (room) => stateOfAny(context, room, nodes), { concurrency: ROOMS_AT_ONCE });
}

/** Answers the best of the states of commands that do the same. */
async function stateOfAny(
  { iq, signal }: LookContext,
  to: string,
  nodes: readonly string[],
): Promise<CommandState> {
  const states = await Promise.all(nodes.map((node) => commandState(iq, to, node, signal)));
  const order: CommandState[] = ["offered", "forbidden", "absent"];
  return order.find((state) => states.includes(state)) ?? "absent";
}

function noRoomYet(domain: string): Finding {
  return degraded(`whether there are hats shows in a room, and ${domain} lists none`);
}
