import type { Hono } from "hono";
import { ErrorReason } from "../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../errors/doorman-error.js";
import { quoted } from "../../errors/quote.js";
import { AttemptLimit } from "../../limits/attempt-limit.js";
import { opensAccount } from "../purpose.js";
import { requireFreeUsername } from "../redemption/redeem-invite.js";
import { addressOf, type Problem, typedUsername, usernameProblem } from "./account-rules.js";
import type { InviteFinder } from "./find-invite.js";
import { cameFromElsewhere, hasFormToken } from "./form-token.js";
import { visitOf } from "./page-headers.js";
import type { RedeemPagesDependencies } from "./serve-redeem-pages.js";
import { plain } from "./translation.js";

const TIMEOUT_MS = 5_000;
/** How many names an address may ask about in ten minutes. */
const ASKED_NAMES = 200;
const PERIOD_SECONDS = 600;

/**
 * Serves `POST /invite/username?TOKEN`, which the form's script asks while a name is typed. Answers what
 * is wrong with it and what is good, one of them empty.
 */
export function serveUsernameCheck(
  app: Hono,
  dependencies: RedeemPagesDependencies,
  finder: InviteFinder,
): void {
  const { usernameRules, visitorAddress, site } = dependencies;
  const askedNames = new AttemptLimit(ASKED_NAMES, PERIOD_SECONDS);

  app.post("/invite/username", async (context) => {
    const found = await finder.findOpen(context);
    if (found instanceof Response) return found;
    const form = new URLSearchParams(await context.req.text());
    const isOurs = !cameFromElsewhere(context, site.publicUrl) && hasFormToken(found, form);
    const { invite } = found;
    const isAsked = opensAccount(invite.purpose) && invite.username === "";
    if (!isOurs || !isAsked) return context.json({ error: "Only a form of this invite asks" }, 403);
    const wait = askedNames.count(visitorAddress(context));
    if (wait > 0) {
      context.header("Retry-After", String(wait));
      return context.json({ error: "Too many names" }, 429);
    }

    const { texts } = visitOf(context).language;
    const answer = ({ text, parts }: Problem, isFree = false) => {
      const said = plain(texts[text], parts);
      return context.json(isFree ? { problem: "", free: said } : { problem: said, free: "" });
    };
    const typed = typedUsername(form.get("username") ?? "", invite.host);
    const problem = usernameProblem(usernameRules, typed);
    if (problem) return answer(problem);
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const username = await requireFreeUsername(dependencies, invite, typed, signal);
      const address = `${username}@${invite.host}`;
      return answer({ text: "username_free", parts: { address } }, true);
    } catch (error) {
      if (!(error instanceof DoormanError)) throw error;
      if (error.reason === ErrorReason.USER_PROTECTED) return answer({ text: "username_reserved" });
      if (error.reason !== ErrorReason.USERNAME_TAKEN) throw error;
      const address = addressOf(typed, invite.host);
      return answer({ text: "username_taken", parts: { address: quoted(address) } });
    }
  });
}
