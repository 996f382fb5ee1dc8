import { type DescField, type DescMessage, getOption, type Message } from "@bufbuild/protobuf";
import { type Invite, InviteSchema } from "../../gen/doorman/v1/invite_pb.js";
import { secret } from "../../gen/doorman/v1/options_pb.js";
import type { Subject } from "./request-record.js";

type SubjectName = keyof Subject;

/** What the fields of messages are called in the log. Only requests about invites have a field `id`. */
const NAMES: Readonly<Record<string, SubjectName>> = {
  host: "host",
  room_jid: "room",
  muc_domain: "muc_domain",
  user_jid: "user",
  username: "user",
  nickname: "nickname",
  contact_jid: "contact",
  hat_id: "hat",
  inviter_jid: "inviter",
  usernames: "users",
  id: "invite",
};

/** Ids of invites are UUIDs. */
const INVITE_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The fields of a kind of message that the log tells of. */
const fieldsOf = new Map<DescMessage, { field: DescField; name: SubjectName }[]>();

/** Returns what a request or a response is about: its host, room and user, and the invite in it. */
export function subjectOf(schema: DescMessage, message: Message): Subject {
  const subject: Record<string, unknown> = {};
  for (const { field, name } of loggedFields(schema)) {
    const value: unknown = Reflect.get(message, field.localName);
    if (isMisplacedToken(field, value)) continue;
    if (Array.isArray(value)) subject[name] = value.length;
    else subject[name] = isInvite(field) ? (value as Invite | undefined)?.id : value;
  }
  return subject;
}

/** Whether a field for the id of an invite has something else, which may be the invite's token. */
export function isMisplacedToken({ name }: DescField, value: unknown): boolean {
  return name === "id" && typeof value === "string" && !INVITE_ID.test(value);
}

function loggedFields(schema: DescMessage): { field: DescField; name: SubjectName }[] {
  const known = fieldsOf.get(schema);
  if (known !== undefined) return known;
  const fields = schema.fields.flatMap((field) => {
    const name = nameOf(field);
    return name === undefined || getOption(field, secret) ? [] : [{ field, name }];
  });
  fieldsOf.set(schema, fields);
  return fields;
}

function nameOf(field: DescField): SubjectName | undefined {
  if (isInvite(field)) return field.fieldKind === "list" ? "invites" : "invite";
  return NAMES[field.name];
}

function isInvite(field: DescField): boolean {
  return field.message?.typeName === InviteSchema.typeName;
}
