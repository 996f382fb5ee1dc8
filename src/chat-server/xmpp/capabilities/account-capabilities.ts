import { type Finding, fix, ready, unavailable } from "../../capability.js";
import { commandState } from "./command-state.js";
import { allowConfigure } from "./ejabberd-fixes.js";
import { enableModules, hostSection, inviteOnly, makeAdmin } from "./prosody-fixes.js";
import type { LookContext } from "./server-look.js";
import { takesInvites } from "./stream-features.js";

const ADMIN = "http://jabber.org/protocol/admin";

/** Says whether Doorman may open accounts (XEP-0133 section 4.1). */
export function findAddUser(context: LookContext): Promise<Finding> {
  return findAdminCommand(context, `${ADMIN}#add-user`, "open accounts");
}

/** Says whether Doorman can tell who has an account (XEP-0133 section 4.9). */
export function findUserCommand(context: LookContext): Promise<Finding> {
  return findAdminCommand(context, `${ADMIN}#user-stats`, "tell who has an account");
}

/** Says whether the server issues invites that somebody can redeem. */
export async function findServerInvites(context: LookContext, service: string): Promise<Finding> {
  const { iq, host, jid, software, signal } = context;
  const section = hostSection(host);
  const modules = enableModules(section, "invites", "invites_adhoc", "invites_register");
  switch (await commandState(iq, host, "urn:xmpp:invite#create-account", signal)) {
    case "forbidden":
      return unavailable(
        `Doorman's account is no administrator of ${host}, and so may not create invites`,
        ...(software === "prosody" ? [makeAdmin(section, jid)] : []),
      );
    case "absent":
      if (software === "prosody") {
        return unavailable(`mod_invites_adhoc is not loaded on ${host}`, modules, inviteOnly(host));
      }
      return unavailable(
        `${host} issues no invites of its own: let Doorman issue them`,
        fix("doorman.yaml", "", "invites:", "  issuer: doorman"),
      );
  }
  if (await takesInvites(service, host, signal)) {
    return ready(`${host} issues invites, and lets people redeem them`);
  }
  return unavailable(
    `${host} issues invites that nobody can redeem: it does not offer registration by invite (XEP-0445)`,
    ...(software === "prosody" ? [modules, inviteOnly(host)] : []),
  );
}

async function findAdminCommand(
  { iq, host, jid, software, signal }: LookContext,
  node: string,
  task: string,
): Promise<Finding> {
  switch (await commandState(iq, host, node, signal)) {
    case "offered":
      return ready(`Doorman's account is an administrator of ${host}, and may ${task}`);
    case "forbidden":
      return unavailable(
        `Doorman's account is no administrator of ${host}, and so may not ${task}`,
        ...(software === "prosody" ? [makeAdmin(hostSection(host), jid)] : []),
        ...(software === "ejabberd" ? allowConfigure(host, jid) : []),
      );
    case "absent":
      return unavailable(
        `${host} has no command to ${task} (XEP-0133)`,
        ...(software === "prosody" ? [enableModules(hostSection(host), "admin_adhoc")] : []),
        ...(software === "ejabberd"
          ? [fix("ejabberd.yml", "", "modules:", "  mod_adhoc: {}", "  mod_configure: {}")]
          : []),
      );
  }
}
