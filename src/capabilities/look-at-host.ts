import {
  type Capability,
  CapabilityState,
  Operation,
  type ServerInfo,
} from "../../gen/doorman/v1/server_pb.js";
import {
  degraded,
  type Finding,
  fix,
  ofEach,
  ready,
  together,
  unavailable,
} from "../chat-server/capability.js";
import type { ChatServer } from "../chat-server/chat-server.js";
import type { Hosts } from "../hosts/hosts.js";
import type { ListedRooms } from "../hosts/muc-domains.js";
import type { UntrustedProxy } from "../limits/untrusted-proxy.js";
import { findContactsApp } from "./find-contacts-app.js";

/** Is what looking at a host takes. */
export interface CapabilityDependencies {
  hosts: Pick<Hosts, "hostOf" | "mucDomains" | "rosterUrl">;
  chatServer: Pick<ChatServer, "capabilities">;
  /** Who issues invites. */
  issuer: "server" | "doorman";
  /** A proxy in front of Doorman that it was not told of; absent where Doorman does not run. */
  untrustedProxy?: Pick<UntrustedProxy, "address">;
}

/** Is what Doorman can do on a host. */
export interface HostLook {
  host: string;
  server: ServerInfo;
  /** Every operation once, in the order of the enum. */
  capabilities: Capability[];
}

/** Looks at what Doorman can do on a host: at the chat server, and at what else an operation needs. */
export async function lookAtHost(
  { hosts, chatServer, issuer, untrustedProxy }: CapabilityDependencies,
  host: string,
  signal: AbortSignal,
): Promise<HostLook> {
  let shared: ListedRooms["shared"] = new Map();
  const mucDomains = async (soon: AbortSignal) => {
    const listed = await hosts.mucDomains.listed(host, soon);
    shared = listed.shared;
    return [...listed.own, ...shared.keys()];
  };
  const [{ info, capabilities }, contactsApp] = await Promise.all([
    chatServer.capabilities.look(host, mucDomains, signal),
    findContactsApp(host, hosts.rosterUrl(host), signal),
  ]);
  const notConnected = unavailable(info.unavailableBecause);
  const of = (operation: Operation): Finding => {
    const found = capabilities.find((one) => one.operation === operation);
    return found ?? (info.connected ? degraded("the chat server was not asked") : notConnected);
  };
  const nobodys = [...shared].map(([domain, names]) => sharedRooms(host, domain, names));
  const ofRooms = (operation: Operation) => together([of(operation), ...nobodys]);
  const refresh = together([of(Operation.WRITE_ROSTERS), contactsApp]);
  const findings: Record<Exclude<Operation, Operation.UNSPECIFIED>, Finding> = {
    [Operation.KICK_OCCUPANTS]: ofRooms(Operation.KICK_OCCUPANTS),
    [Operation.KICK_USERS]: ofRooms(Operation.KICK_USERS),
    [Operation.LIST_OCCUPANTS]: ofRooms(Operation.LIST_OCCUPANTS),
    [Operation.MANAGE_AFFILIATIONS]: ofRooms(Operation.MANAGE_AFFILIATIONS),
    [Operation.READ_ROSTERS]: of(Operation.READ_ROSTERS),
    [Operation.WRITE_ROSTERS]: of(Operation.WRITE_ROSTERS),
    [Operation.REFRESH_ROSTERS]: refresh,
    [Operation.REFRESH_AT_LOGIN]: together([of(Operation.REFRESH_AT_LOGIN), refresh]),
    [Operation.GIVE_HATS]: ofRooms(Operation.GIVE_HATS),
    [Operation.LIST_HATS]: ofRooms(Operation.LIST_HATS),
    [Operation.CREATE_INVITES]: together([
      issuer === "server"
        ? of(Operation.CREATE_INVITES)
        : ownInvites(of(Operation.CREATE_ACCOUNTS)),
      ...strangeProxy(untrustedProxy?.address),
    ]),
    [Operation.CREATE_ACCOUNTS]: of(Operation.CREATE_ACCOUNTS),
  };
  return {
    host,
    server: info,
    capabilities: Object.entries(findings).flatMap(([operation, finding]) =>
      ofEach([Number(operation)], finding),
    ),
  };
}

/** Doorman refuses what is about rooms that several hosts list. */
function sharedRooms(host: string, domain: string, hosts: readonly string[]): Finding {
  return unavailable(
    `the chat server lists ${domain} for ${hosts.join(" and for ")}, so its rooms belong to nobody until Doorman's configuration says whose they are; add the lines under the right host`,
    fix("doorman.yaml", "", "hosts:", `  ${host}:`, `    muc: [${domain}]`),
  );
}

/** Whoever comes through it shares one limit of tries with all the others. */
function strangeProxy(address: string | undefined): Finding[] {
  if (address === undefined) return [];
  const reason = `a proxy at ${address} stands before the invites' pages that trusted_proxies does not name, so that all their visitors count as one`;
  return [
    degraded(reason, fix("doorman.yaml", "", `trusted_proxies: [${JSON.stringify(address)}]`)),
  ];
}

/** Doorman's own invites are redeemed for accounts that it opens. */
function ownInvites(accounts: Finding): Finding {
  if (accounts.state === CapabilityState.READY) return ready("Doorman issues the invites itself");
  return accounts;
}
