import { randomUUID } from "node:crypto";
import { xml } from "@xmpp/client";
import { type Finding, fix, ready, together, unavailable } from "../../capability.js";
import { isRefusal } from "../stanzas/stanza-error.js";
import { findUserCommand } from "./account-capabilities.js";
import { openApi, permitApi } from "./ejabberd-fixes.js";
import { enableModules, grantPrivileges, hostSection } from "./prosody-fixes.js";
import type { LookContext } from "./server-look.js";

const NS_ROSTER = "jabber:iq:roster";
const EXAMPLE_API = "http://127.0.0.1:5282/api";

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

/** Finds out by the commands of ejabberd's API that Doorman calls. */
export async function findApiPermissions(context: LookContext): Promise<RosterFindings> {
  const { ejabberdApi, host, signal } = context;
  if (ejabberdApi === undefined) {
    const finding = unavailable(
      "Doorman needs ejabberd's own API for rosters, and its address is not configured",
      fix("doorman.yaml", "", "xmpp:", `  ejabberd_api: ${EXAMPLE_API}`),
      openApi(EXAMPLE_API),
      ...permitApi(context.jid),
    );
    return { read: finding, write: finding };
  }
  // The contact's name cannot be one: each command is refused before it does anything.
  const item = { localuser: "nobody", localhost: host, user: "a b@", host };
  const account = { user: "a b@", host };
  const added = { ...item, nick: "", group: "", subs: "none" };
  const task = "look at its permissions";
  const [check, get, add, remove] = await Promise.all([
    ejabberdApi.ask("check_account", account, task, signal),
    ejabberdApi.ask("get_roster", account, task, signal),
    ejabberdApi.ask("add_rosteritem", added, task, signal),
    ejabberdApi.ask("delete_rosteritem", item, task, signal),
  ]);
  const judge = (answers: Record<string, number>) => together(findingsOf(context, answers));
  const reading = { check_account: check.status, get_roster: get.status };
  const writing = { add_rosteritem: add.status, delete_rosteritem: remove.status };
  return { read: judge(reading), write: judge({ ...reading, ...writing }) };
}

function findingsOf({ ejabberdApi, jid }: LookContext, answers: Record<string, number>): Finding[] {
  return Object.entries(answers).map(([command, status]) => {
    if (status === 200 || status === 400) {
      return ready("ejabberd's API permits Doorman the commands that it needs");
    }
    if (status === 401) {
      return unavailable("ejabberd's API does not take Doorman's password (status 401)");
    }
    if (status === 404) {
      const url = ejabberdApi?.url ?? EXAMPLE_API;
      return unavailable(`there is no mod_http_api at ${url} (status 404)`, openApi(url));
    }
    return unavailable(
      `ejabberd's API does not permit Doorman the command ${command} (status ${status})`,
      ...permitApi(jid),
    );
  });
}

/** Prosody tells apart who may not ("forbidden") and that it has no mod_privilege ("service-unavailable"). */
function lackingPrivileges(context: LookContext, answer: "forbidden" | "absent"): Finding {
  const { host, jid, software } = context;
  if (software !== "prosody") return unavailable(`Doorman may not read the rosters of ${host}`);
  // mod_privilege 0.12 looks at a client's rights on its own host alone.
  const others = jid.endsWith(`@${host}`) ? [] : ["privilege_other_hosts"];
  const modules = answer === "absent" ? ["privilege", ...others] : others;
  const reason =
    answer === "absent"
      ? `mod_privilege is not loaded on ${host}`
      : `Doorman's account is no privileged entity (XEP-0356) of ${host}`;
  return unavailable(
    reason,
    ...(modules.length > 0 ? [enableModules(hostSection(host), ...modules)] : []),
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
