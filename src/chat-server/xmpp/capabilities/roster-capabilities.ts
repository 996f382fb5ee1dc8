import { randomUUID } from "node:crypto";
import { xml } from "@xmpp/client";
import { domainOf } from "../../../jid/parts.js";
import { type Finding, ready, together, unavailable } from "../../capability.js";
import { impossibleAdditions, impossibleItem } from "../rosters/add-roster-item.js";
import { isRefusal } from "../stanzas/stanza-error.js";
import { findUserCommand } from "./account-capabilities.js";
import { findApiCommand } from "./api-capabilities.js";
import { enableModules, grantPrivileges, hostSection } from "./prosody-fixes.js";
import type { LookContext } from "./server-look.js";

const NS_ROSTER = "jabber:iq:roster";

/** What Doorman may do with the rosters of a host. */
export interface RosterFindings {
  read: Finding;
  write: Finding;
}

/**
 * Finds out by the roster of a user who does not exist, whose name is made up: there is nothing to be
 * read or changed.
 */
export async function findPrivileges(context: LookContext): Promise<RosterFindings> {
  const user = `doorman-looks-${randomUUID()}@${context.host}`;
  const [userCommand, get] = await Promise.all([
    findUserCommand(context),
    answerTo(context, "get", user),
  ]);
  if (get !== "result") {
    const finding = together([userCommand, lackingPrivileges(context, get)]);
    return { read: finding, write: finding };
  }
  const privileged = ready(`Doorman is a privileged entity (XEP-0356) of ${context.host}`);
  // mod_privilege passes a set for a user who does not exist on to the server, which has nobody for it.
  const set = await answerTo(context, "set", user);
  const write =
    set === "forbidden"
      ? unavailable("Doorman may read rosters, but not change them", grant(context))
      : privileged;
  return {
    read: together([userCommand, privileged]),
    write: together([userCommand, write]),
  };
}

/** Finds out by the commands of ejabberd's API, for a user and a contact that nobody can be called. */
export async function findRosterCommands(context: LookContext): Promise<RosterFindings> {
  const { host } = context;
  const user = "a b@";
  const [check, get, add, remove] = await Promise.all([
    findApiCommand(context, "check_account", { user, host }),
    findApiCommand(context, "get_roster", { user, host }),
    findApiCommand(context, "add_rosteritem", ...impossibleAdditions(host)),
    findApiCommand(context, "delete_rosteritem", impossibleItem(host)),
  ]);
  return { read: together([check, get]), write: together([check, get, add, remove]) };
}

/** Prosody tells apart who may not ("forbidden") and that it has no mod_privilege ("service-unavailable"). */
function lackingPrivileges(context: LookContext, answer: "forbidden" | "absent"): Finding {
  const { host, jid, software } = context;
  if (software !== "prosody") return unavailable(`Doorman may not read the rosters of ${host}`);
  const own = domainOf(jid);
  const reason =
    answer === "absent"
      ? `mod_privilege is not loaded on ${host}`
      : `Doorman's account is no privileged entity (XEP-0356) of ${host}`;
  return unavailable(
    reason,
    ...(answer === "absent" ? [enableModules(hostSection(host), "privilege")] : []),
    // mod_privilege 0.12 looks at a client's rights on the client's own host alone; this module makes
    // that host ask the others.
    ...(own === host ? [] : [enableModules(hostSection(own), "privilege_other_hosts")]),
    grant(context),
  );
}

function grant({ host, jid }: LookContext) {
  return grantPrivileges(host, jid);
}

async function answerTo(
  { iq, signal }: LookContext,
  type: "get" | "set",
  user: string,
): Promise<"result" | "forbidden" | "absent"> {
  // The contact's JID has a resource, with which no roster takes it.
  const item = xml("item", { jid: "nobody@example.com/none" });
  const payload = xml("query", { xmlns: NS_ROSTER }, ...(type === "set" ? [item] : []));
  try {
    await iq.request({ type, to: user, payload, task: "look at a roster of nobody's", signal });
    return "result";
  } catch (error) {
    if (isRefusal(error, "forbidden", "not-allowed")) return "forbidden";
    if (isRefusal(error, "service-unavailable", "item-not-found", "feature-not-implemented")) {
      return "absent";
    }
    throw error;
  }
}
