import type { Context, Hono } from "hono";
import { DoormanError } from "../../errors/doorman-error.js";
import { httpStatusOf } from "../../errors/http-status.js";
import { AttemptLimit } from "../../limits/attempt-limit.js";
import type { VisitorAddress } from "../../limits/visitor-address.js";
import { makesContacts, type Purpose } from "../purpose.js";
import { type RedeemDependencies, redeemInvite } from "../redemption/redeem-invite.js";
import type { ServerInvites } from "../server-invites.js";
import { accountForm, EMPTY, type Filled, type FormKind } from "./account-form.js";
import { addressOf } from "./account-rules.js";
import { staleFormPage } from "./closed-page.js";
import { donePage } from "./done-page.js";
import {
  closed,
  closedBecause,
  type Found,
  type InviteFinder,
  tooMany,
  wrongMethod,
} from "./find-invite.js";
import { cameFromElsewhere, hasFormToken } from "./form-token.js";
import type { Site } from "./layout.js";
import { visitOf } from "./page-headers.js";
import { closedByError, problemsOfError } from "./problem-of-error.js";
import { readForm, type Sent } from "./read-form.js";
import { FORM_SCRIPT } from "./scripts.js";
import { SealedText } from "./sealed-text.js";
import { serveUsernameCheck } from "./serve-username-check.js";

export interface RedeemPagesDependencies extends RedeemDependencies {
  serverInvites: ServerInvites;
  visitorAddress: VisitorAddress;
  site: Site;
}

const TIMEOUT_MS = 20_000;
/**
 * How many refused forms one address may send for one invite in ten minutes: each answer tells something
 * about a name or a password. Counted for each invite, so that the holder of one cannot shut out the others
 * behind the same NAT.
 */
const REFUSED_FORMS = 60;
const PERIOD_SECONDS = 600;

const KIND: Record<Purpose, FormKind> = {
  account: "register",
  account_and_contact: "register",
  group: "register",
  contact: "contact",
  password_reset: "reset",
};

/** Serves `/invite/redeem?TOKEN`: the form that an invite is redeemed with, and what comes of sending it. */
export function serveRedeemPages(
  app: Hono,
  dependencies: RedeemPagesDependencies,
  finder: InviteFinder,
): void {
  const { visitorAddress, site, usernameRules } = dependencies;
  const refusedForms = new AttemptLimit(REFUSED_FORMS, PERIOD_SECONDS);
  const kept = new SealedText();

  function show(context: Context, found: Found, filled: Filled) {
    const form = accountForm(KIND[found.invite.purpose], found, visitOf(context), filled);
    return context.html(form);
  }

  /** Shows the form again with what is wrong, and keeps a password that nothing is wrong with. */
  function refuse(context: Context, found: Found, sent: Sent, problems: Filled["problems"]) {
    const { username, password } = sent;
    const isGood = !problems.password && !problems.repeat;
    const keepsPassword = isGood && KIND[found.invite.purpose] !== "contact";
    const keptPassword = keepsPassword
      ? { keptPassword: kept.seal(password, found.invite.id) }
      : {};
    return show(context, found, { username, problems, ...keptPassword });
  }

  app.get("/invite/redeem", async (context) => {
    const found = await finder.findOpen(context);
    if (found instanceof Response) return found;
    return show(context, found, EMPTY);
  });

  app.post("/invite/redeem", async (context) => {
    // Not only an open one: what was sent twice is answered twice.
    const found = await finder.find(context);
    if (found instanceof Response) return found;
    const sender = `${visitorAddress(context)} ${found.invite.id}`;
    // Before it is known whether it is refused: many may come at once.
    const wait = refusedForms.count(sender);
    if (wait > 0) return tooMany(context, wait);
    const form = new URLSearchParams(await context.req.text());
    if (cameFromElsewhere(context, site.publicUrl) || !hasFormToken(found, form)) {
      const why = closedBecause(found.invite);
      if (why !== undefined) return closed(context, why);
      return context.html(staleFormPage(visitOf(context)), 403);
    }
    const { invite } = found;
    const kind = KIND[invite.purpose];
    const sent = readForm(form, kind, invite, usernameRules, kept);
    if (Object.keys(sent.problems).length > 0) {
      const why = closedBecause(invite);
      if (why !== undefined) return closed(context, why);
      context.status(422);
      return refuse(context, found, sent, sent.problems);
    }
    try {
      // Whoever closes the page does not want half an account.
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const { userJid, contactPending } = await redeemInvite(dependencies, invite, sent, signal);
      refusedForms.forgive(sender);
      return context.html(
        donePage(
          {
            kind,
            userJid,
            inviterJid: makesContacts(invite.purpose) ? invite.inviter_jid : undefined,
            isContactPending: contactPending,
          },
          visitOf(context),
        ),
      );
    } catch (error) {
      if (!(error instanceof DoormanError)) throw error;
      const why = closedByError(error);
      if (why !== undefined) return closed(context, why);
      const problems = problemsOfError(error, kind, {
        userJid: addressOf(sent.username, invite.host),
        isPreset: invite.username !== "",
      });
      context.status(problems.form ? httpStatusOf(error) : 422);
      return refuse(context, found, sent, problems);
    }
  });

  app.all("/invite/redeem", (context) => wrongMethod(context, "GET, HEAD, POST"));

  serveUsernameCheck(app, dependencies, finder);
  app.get("/invite/form.js", (context) =>
    context.body(FORM_SCRIPT, 200, {
      "Cache-Control": "no-cache",
      "Content-Type": "text/javascript; charset=utf-8",
    }),
  );
}
