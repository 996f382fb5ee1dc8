import { create } from "@bufbuild/protobuf";
import type { Hono } from "hono";
import { z } from "zod";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { KickOccupantRequestSchema, RoomService } from "../../gen/doorman/v1/room_service_pb.js";
import { equalInConstantTime } from "../crypto/digest.js";
import { DoormanError } from "../errors/doorman-error.js";
import { httpStatusOf } from "../errors/http-status.js";
import { quoted } from "../errors/quote.js";
import { readJson } from "../fields/json-body.js";
import type { Authenticator } from "../keys/authenticator.js";
import { type Caller, grantOf, requireGrant } from "../keys/caller.js";
import { type RequestRecord, recordIn } from "../log/request-record.js";
import type { RoomDependencies } from "./room-dependencies.js";
import { kickOccupant } from "./room-service.js";

export interface MucKickDependencies extends RoomDependencies {
  authenticator: Authenticator;
  /** The whole Authorization header that lets a caller kick on every host; undefined for none. */
  authorizationHeader: string | undefined;
}

/** Room, nickname and reason have at most 4 KiB in UTF-8, and three times that when written with \u escapes. */
const MAX_BODY_KIB = 16;

const bodySchema = z.object({
  nickname: z.union([z.string().min(1), z.number().transform(String)]),
  muc: z.string().min(1),
  reason: z.string("expected a string").nullish(),
});

/** Serves POST /muc_kick as mod_http_muc_kick documents it. */
export function serveMucKick(app: Hono, dependencies: MucKickDependencies): void {
  app.post("/muc_kick", async (context) => {
    const record = recordIn(context);
    let room = "";
    try {
      const caller = await authenticate(context.req.header("Authorization"), record, dependencies);
      const parsed = bodySchema.safeParse(await readJson(context, MAX_BODY_KIB));
      if (!parsed.success) return context.json({ error: describeBody(parsed.error) }, 400);
      const { nickname, muc, reason } = parsed.data;
      room = muc;
      record.isAbout({ room, nickname });
      const request = create(KickOccupantRequestSchema, {
        roomJid: muc,
        nickname,
        reason: reason ?? "",
      });
      await kickOccupant(dependencies, caller, request, context.req.raw.signal);
      return context.body(null, 200, { "Content-Length": "0" });
    } catch (error) {
      if (!(error instanceof DoormanError)) throw error;
      const { status, message } = documentedError(error, room);
      return context.json({ error: message }, status);
    }
  });
}

function describeBody(error: z.ZodError): string {
  const isReason = error.issues.every(({ path }) => path[0] === "reason");
  return isReason ? "reason: must be a string" : "Missing nickname and/or MUC";
}

async function authenticate(
  header: string | undefined,
  record: RequestRecord,
  { authenticator, authorizationHeader }: MucKickDependencies,
): Promise<Caller> {
  const method = RoomService.method.kickOccupant;
  if (authorizationHeader !== undefined && equalInConstantTime(header ?? "", authorizationHeader)) {
    return { keyId: "", host: undefined, grants: new Set([grantOf(method) ?? ""]) };
  }
  const caller = await authenticator.fromAuthorization(header, record);
  requireGrant(caller, method);
  return caller;
}

/** Answers status and text that the module gives, and texts in its manner where it has none. */
function documentedError(error: DoormanError, muc: string) {
  const status = httpStatusOf(error);
  const domain = quoted(error.metadata.host ?? "");
  if (status === 401) return { status, message: "Authorization failed" };
  switch (error.reason) {
    case ErrorReason.HOST_NOT_FOUND:
      return { status, message: `MUC not found: No such host: ${domain}` };
    case ErrorReason.NOT_A_MUC_SERVICE:
      return { status, message: `MUC not found: Host '${domain}' is not a MUC service` };
    case ErrorReason.ROOM_NOT_FOUND: {
      const [room = "", host = ""] = muc.toLowerCase().split("@");
      const where = `'${quoted(room)}' found for host: ${quoted(host)}`;
      return { status, message: `MUC not found: No MUC ${where}` };
    }
    case ErrorReason.INVALID_FIELD:
      return { status, message: error.message.replace(/^room_jid\b/, "muc") };
    default:
      if (!error.stanza) return { status, message: error.message };
      return {
        status: 400 as const,
        message: `Couldn't kick user: ${quoted(error.stanza.type)}: ${quoted(error.stanza.condition)}`,
      };
  }
}
