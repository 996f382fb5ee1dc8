import { readFileSync } from "node:fs";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { InviteService } from "../../gen/doorman/v1/invite_service_pb.js";
import { RosterService } from "../../gen/doorman/v1/roster_service_pb.js";
import {
  type OpenApiDocument,
  type Operation,
  type ResponseObject,
  resolveReference,
} from "../../src/docs/openapi-document.js";
import { TestDoorman } from "../support/doorman.js";
import { type GeneratedRequest, generatedRequest } from "../support/openapi/generated-requests.js";
import { schemaFaults } from "../support/openapi/schema-faults.js";
import { suite } from "../support/suite.js";

const SEED = 5280;
const REQUESTS = 300;
/** When an operation has failed because it is too slow. */
const TIME_LIMIT_MS = 600_000;

const file = new URL("../../../gen/openapi.json", import.meta.url);
const document = JSON.parse(readFileSync(file, "utf8")) as OpenApiDocument;

console.log(`${REQUESTS} requests to each operation, seed ${SEED}`);

const MEANINGFUL = {
  userJid: ["john@example.com", "alice@example.com", "bob@example.com", "user@localhost"],
  roomJid: ["snuggery@chat.example.org", "room@conference.localhost", "nowhere@chat.example.org"],
  muc: ["snuggery@chat.example.org", "example.com", "room@nohost"],
  contactJid: ["marie@example.com", "michael@example.com", "gateway.example.net"],
  jid: ["marie@example.com", "michael@example.com", "gateway.example.net"],
  nickname: ["Alice", "Bob", "Marie", "Carol"],
  hatId: ["urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607", "https://example.com/hats/teacher"],
  hats: ["urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607", "https://example.com/hats/teacher"],
  host: ["example.com", "localhost", ""],
  username: ["john", "aaron", "juliet"],
  usernames: ["john", "aaron", "marie", "nobody"],
  requestId: ["", "", "", "one"],
  note: ["for Marie"],
  password: ["a long password"],
  inviterJid: ["", "", "", "john@example.com"],
  purpose: ["INVITE_PURPOSE_UNSPECIFIED", "INVITE_PURPOSE_ACCOUNT"],
  ttl: ["3600s", "1.5s", "0s"],
  expireTime: [new Date(Date.now() + 86_400_000).toISOString()],
};

/** For where one of several messages is seldom good in every field, and one that is not spoils all. */
const HARMLESS: Record<string, readonly string[]> = {
  host: ["", "example.com"],
  username: [""],
  inviterJid: [""],
  requestId: [""],
  ttl: ["3600s"],
};

interface Context {
  doorman: TestDoorman;
  key: string;
  /** Of an invite that is there. */
  token: string;
}

const fuzz = suite<Context>("generated requests");

fuzz.before.each(async (context) => {
  const doorman = await TestDoorman.start({ log_level: "error" });
  context.doorman = doorman;
  context.key = await doorman.createKey("example.com");
  const { invite } = await doorman.client(InviteService, context.key).createInvite({});
  context.token = invite?.token ?? "";
  // So that John has contacts.
  await doorman.client(RosterService, context.key).refreshRosters({ usernames: ["john"] });
});
fuzz.after.each(async ({ doorman }) => doorman?.close());

for (const [path, operations] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    fuzz(`get answers as documented: ${method} ${path}`, async ({ doorman, key, token }) => {
      const source = { document, meaningful: meaningfulFor(path, token) };
      const isOfInvite = /^\/invite(\/redeem|\/username)?$/.test(path);
      const statuses = new Set<number>();
      const property = fc.asyncProperty(
        generatedRequest(source, path, operation),
        async (request) => {
          // The query begins with the token; without it an address soon asks in vain.
          const known = { ...request, path: request.path.replace(/(\?|$)/, `?${token}&`) };
          const response = await send(doorman, key, method, isOfInvite ? known : request);
          statuses.add(response.status);
          assert.equal(await answerFaults(operation, response), []);
        },
      );
      await fc.assert(property, {
        seed: SEED,
        numRuns: REQUESTS,
        interruptAfterTimeLimit: TIME_LIMIT_MS,
        markInterruptAsFailure: true,
        includeErrorInReport: true,
      });
      // Else the requests would all have been refused at the door.
      // A form is only taken with what its page carries.
      const isIn = statuses.has(isOfInvite && method === "post" ? 403 : 200) || statuses.has(201);
      assert.ok(isIn, `${[...statuses]}`);
      assert.is(doorman.log, "", "an unforeseen fault was logged");
    });
  }
}

function meaningfulFor(path: string, token: string): Record<string, readonly string[]> {
  const isBulk = path.endsWith("/BulkCreateInvites");
  return { ...MEANINGFUL, ...(isBulk && HARMLESS), token: [token] };
}

function send(
  doorman: TestDoorman,
  key: string,
  method: string,
  { path, contentType, body }: GeneratedRequest,
): Promise<Response> {
  return doorman.fetch(path, {
    method: method.toUpperCase(),
    headers: {
      Authorization: `Bearer ${key}`,
      ...(body !== undefined && { "Content-Type": contentType }),
    },
    ...(body !== undefined && { body }),
  });
}

/** Answers in what an answer departs from what the document says of the operation. */
async function answerFaults(operation: Operation, response: Response): Promise<string[]> {
  const { status } = response;
  const text = await response.text();
  const documented = operation.responses[status];
  if (documented === undefined || (status >= 500 && status !== 503)) {
    return [`the status ${status} is not documented or not allowed: ${text.slice(0, 300)}`];
  }
  const { content, headers = {} } = (
    "$ref" in documented ? resolveReference(document, documented.$ref) : documented
  ) as ResponseObject;
  const missing = Object.keys(headers).filter((name) => !response.headers.has(name));
  return [
    ...missing.map((name) => `there is no header ${name}`),
    ...bodyFaults(content, response.headers.get("Content-Type"), text),
  ].map((fault) => `${status}: ${fault}`);
}

function bodyFaults(content: ResponseObject["content"], type: string | null, text: string) {
  if (content === undefined) return text === "" ? [] : [`the body is not empty: ${text}`];
  const mediaType = type?.split(";")[0] ?? "";
  const schema = content[mediaType]?.schema;
  if (schema === undefined) return [`the content type ${mediaType} is not documented`];
  const value: unknown = mediaType === "application/json" ? JSON.parse(text) : text;
  return schemaFaults(document, schema, value);
}

fuzz.run();
