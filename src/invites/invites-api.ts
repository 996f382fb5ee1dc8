import { create } from "@bufbuild/protobuf";
import type { Context, Hono } from "hono";
import {
  CreateInviteRequestSchema,
  InviteService,
} from "../../gen/doorman/v1/invite_service_pb.js";
import { DoormanError } from "../errors/doorman-error.js";
import { httpStatusOf } from "../errors/http-status.js";
import type { Authenticator } from "../keys/authenticator.js";
import { type Caller, requireGrant } from "../keys/caller.js";
import { recordIn } from "../log/request-record.js";
import { createInvite, type InviteDependencies } from "./create-invite.js";
import { landingPageUrl } from "./invite.js";

const CORS_HEADERS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "OPTIONS, GET, POST",
  "Access-Control-Allow-Headers": "Content-Type, Authorization",
  "Access-Control-Max-Age": "7200",
};

/** Serves /invites_api as mod_invites_api documents it: an account invite on the key's own host. */
export function serveInvitesApi(
  app: Hono,
  dependencies: InviteDependencies & { authenticator: Authenticator },
): void {
  async function answer(context: Context): Promise<Response> {
    const { authenticator, publicUrl } = dependencies;
    try {
      const caller = await authenticate(context, authenticator);
      const request = create(CreateInviteRequestSchema);
      const signal = context.req.raw.signal;
      const { invite, token } = await createInvite(dependencies, caller, request, signal);
      recordIn(context).isAbout({ invite: invite.id });
      context.header("Location", landingPageUrl(invite, token, publicUrl));
      // As the module does: any value that is not empty counts, "false" too.
      return context.body(null, context.req.query("redirect") ? 303 : 201, {
        "Content-Length": "0",
      });
    } catch (error) {
      if (!(error instanceof DoormanError)) throw error;
      const status = httpStatusOf(error);
      // The module answers every refusal of a key with 403.
      return context.json({ error: error.message }, status === 401 ? 403 : status);
    }
  }

  app.use("/invites_api", async (context, next) => {
    // The Location, and with ?key= the address itself, are secrets that no cache may keep.
    context.header("Cache-Control", "no-store");
    for (const [name, value] of Object.entries(CORS_HEADERS)) context.header(name, value);
    await next();
  });
  app.options("/invites_api", (context) => context.body(null, 200, { "Content-Length": "0" }));
  // Creating by GET is there for bookmarks and old callers.
  app.get("/invites_api", answer);
  app.post("/invites_api", answer);
}

async function authenticate(context: Context, authenticator: Authenticator): Promise<Caller> {
  const authorization = context.req.header("Authorization");
  const key = context.req.query("key");
  const record = recordIn(context);
  const caller =
    authorization === undefined && key !== undefined
      ? await authenticator.fromText(key, record)
      : await authenticator.fromAuthorization(authorization, record);
  requireGrant(caller, InviteService.method.createInvite);
  return caller;
}
