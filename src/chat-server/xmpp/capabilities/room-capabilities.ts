import { randomUUID } from "node:crypto";
import { xml } from "@xmpp/client";
import pMap from "p-map";
import { degraded, type Finding, fix, ready, together, unavailable } from "../../capability.js";
import { listAffiliated } from "../rooms/room-affiliations.js";
import { NS_MUC } from "../rooms/room-entry.js";
import { discoverInfo } from "../stanzas/service-discovery.js";
import { attribute } from "../stanzas/stanza.js";
import { isRefusal } from "../stanzas/stanza-error.js";
import { findApiCommand } from "./api-capabilities.js";
import { commandState } from "./command-state.js";
import { allowRoomAdmin } from "./ejabberd-fixes.js";
import { addRooms, isParent, makeAdmin, parentHost, roomsSection } from "./prosody-fixes.js";
import type { LookContext } from "./server-look.js";

const NS_ITEMS = "http://jabber.org/protocol/disco#items";
/** How many rooms of a domain are asked whether they obey. */
const MAX_ROOMS = 8;
const ROOMS_AT_ONCE = 4;

/** Says whether Doorman can act as an owner in the rooms of a domain, which all that it does there needs. */
export async function findOwnership(context: LookContext, domain: string): Promise<Finding> {
  const { iq, jid, signal } = context;
  const missing = await findNoRooms(context, domain);
  if (missing !== undefined) return missing;
  const node = "http://prosody.im/protocol/muc#set-affiliation";
  switch (await commandState(iq, domain, node, signal)) {
    case "offered":
      return ready(
        `Doorman can act as an owner of every room of ${domain}${guestsAdvice(context, domain)}`,
      );
    case "forbidden":
      return unavailable(
        `Doorman's account is no administrator of ${domain}`,
        makeAdmin(roomsSection(domain), jid),
      );
    case "absent":
      return findObedience(context, domain);
  }
}

/**
 * Returns what to check where Prosody 13 may take the users of the host for guests (its mod_authz_internal).
 * Doorman cannot see it: as an administrator of the rooms' domain it may do everything there.
 */
function guestsAdvice({ host, software, version }: LookContext, domain: string): string {
  const isOld = /^0\.\d/.test(version);
  if (software !== "prosody" || isOld || isParent(host, domain)) return "";
  return `; check that ${roomsSection(domain)} has the line ${parentHost(host)}, which Doorman cannot see: without it users of ${host} are guests there, who can make no persistent or public room`;
}

/** Says whether Doorman can look for a user in all rooms of a domain, as KickUser does. */
export async function findRoomSearch(context: LookContext, domain: string): Promise<Finding> {
  // Elsewhere those who may act as owners may look, too.
  if (context.software !== "ejabberd") return ready(`Doorman sees the rooms of ${domain}`);
  const nobodys = { name: `doorman-looks-${randomUUID()}`, service: domain };
  const [rooms, occupants] = await Promise.all([
    findApiCommand(context, "muc_online_rooms", { service: domain }),
    findApiCommand(context, "get_room_occupants", nobodys),
  ]);
  return together([rooms, occupants]);
}

/** @returns undefined where the domain holds rooms */
async function findNoRooms(
  { iq, jid, host, software, signal }: LookContext,
  domain: string,
): Promise<Finding | undefined> {
  const info = await discoverInfo(iq, domain, signal).catch((error: unknown) => {
    if (isRefusal(error, ...NOT_THERE)) return undefined;
    throw error;
  });
  if (info?.features.has(NS_MUC)) return undefined;
  const fixes = software === "prosody" ? [addRooms(domain, jid, host)] : [];
  return unavailable(`the chat server has no rooms at ${domain}`, ...fixes);
}

const NOT_THERE = [
  "item-not-found",
  "remote-server-not-found",
  "remote-server-timeout",
  "service-unavailable",
  "not-allowed",
];

/** Without a command that would give ownership, the rooms themselves tell whether Doorman has it. */
async function findObedience(context: LookContext, domain: string): Promise<Finding> {
  const { iq, jid, software, signal } = context;
  const rooms = await someRooms(context, domain);
  const owners = await pMap(
    rooms,
    (room) => listAffiliated(iq, room, "owner", signal).catch(refusalOf),
    { concurrency: ROOMS_AT_ONCE },
  );
  if (owners.includes("refused")) {
    const fixes = software === "ejabberd" ? allowRoomAdmin(jid) : [];
    return unavailable(`Doorman's account owns not all rooms of ${domain}`, ...fixes);
  }
  // In a room that names Doorman as an owner it says nothing about others.
  const obeys = owners.some((jids) => jids instanceof Set && !jids.has(jid));
  if (obeys) return ready(`Doorman's account may administer every room of ${domain}`);
  return degraded(
    `whether Doorman's account may administer the rooms of ${domain} shows in rooms of others, and none is listed`,
  );
}

function refusalOf(error: unknown): "refused" | "gone" {
  if (isRefusal(error, "forbidden", "not-allowed")) return "refused";
  if (isRefusal(error, "item-not-found", "gone")) return "gone";
  throw error;
}

/** Answers the JIDs of a few rooms that the domain lists (XEP-0045 section 6.3). */
export async function someRooms({ iq, signal }: LookContext, domain: string): Promise<string[]> {
  const result = await iq.request({
    type: "get",
    to: domain,
    payload: xml("query", { xmlns: NS_ITEMS }),
    task: `list the rooms of ${domain}`,
    signal,
  });
  const items = result.getChild("query", NS_ITEMS)?.getChildren("item") ?? [];
  const jids = items.map((item) => attribute(item, "jid")).filter((jid) => jid.includes("@"));
  return jids.slice(0, MAX_ROOMS);
}

/** What to say of a host whose rooms cannot be found. */
export function noMucDomain(host: string): Finding {
  const example = `conference.${host}`;
  return unavailable(
    `the chat server names no domain that holds rooms of ${host}; put yours in the place of ${example}`,
    fix("doorman.yaml", "", "hosts:", `  ${host}:`, `    muc: [${example}]`),
  );
}
