import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { CapabilityState } from "../gen/doorman/v1/server_pb.js";
import { findApiCommand } from "../src/chat-server/xmpp/capabilities/api-capabilities.js";
import type { LookContext } from "../src/chat-server/xmpp/capabilities/server-look.js";
import { EjabberdApi } from "../src/chat-server/xmpp/ejabberd-api.js";
import { impossibleAdditions } from "../src/chat-server/xmpp/rosters/add-roster-item.js";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { startProsody } from "./support/prosody.js";
import { PROSODY_PASSWORD } from "./support/prosody-configuration.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";
import { TestContactsApp } from "./support/test-contacts-app.js";
import { writeCertificate } from "./support/write-certificate.js";

const JOHN = "john@example.com";
const MARIE = { jid: "marie@example.com" };

/** What an ejabberd with nobody in john's roster answers, by command. */
const USUAL: Readonly<Record<string, string>> = {
  check_account: "0",
  get_roster: "[]",
  add_rosteritem: "0",
  delete_rosteritem: "0",
};

interface Context {
  /** What a command is answered in place of the usual. */
  answers: Map<string, (response: ServerResponse, request: IncomingMessage) => void>;
  commands: string[];
  opened: { close(): unknown }[];
  url: string;
}

const api = suite<Context>("what is at ejabberd_api and answers otherwise than ejabberd");

api.before.each(async (context) => {
  context.answers = new Map();
  context.commands = [];
  context.opened = [];
  const port = await listen(context, createServer(answer));
  context.url = `http://127.0.0.1:${port}/api`;

  function answer(...[request, response]: Parameters<RequestListener>): void {
    const command = request.url?.split("/").at(-1) ?? "";
    context.commands.push(command);
    const chosen = context.answers.get(command);
    if (chosen) chosen(response, request);
    else response.end(USUAL[command]);
  }
});
api.after.each(async ({ opened }) => {
  for (const one of opened.reverse()) await one.close();
});

const UNKNOWN_FORMS: [command: string, body: string | Buffer][] = [
  ["check_account", "<html>Please log in</html>"],
  ["check_account", "null"],
  ["check_account", "2"],
  ["check_account", '"0"'],
  ["check_account", ""],
  ["get_roster", '[{"jid":1}]'],
  ["get_roster", '{"jid":"marie@example.com"}'],
  ["get_roster", '[{"jid":"marie@example.com"'],
  ["get_roster", Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])],
];
for (const [command, body] of UNKNOWN_FORMS) {
  api(`${command}: ${JSON.stringify(String(body))} is no answer of ejabberd's`, async (context) => {
    context.answers.set(command, (response) => response.end(body));
    await refusesTheApi(await getRoster(context), context.url);
  });
}

api("a change that the API says failed is refused", async (context) => {
  context.answers.set("add_rosteritem", (response) => response.end("1"));
  const { client } = await start(context);
  const call = client.setContact({ userJid: JOHN, contact: MARIE });
  await rejects(call, Code.Unknown, ErrorReason.SERVER_REFUSED);
});

api("an account is absent where the API says so, and only there", async (context) => {
  context.answers.set("check_account", (response) => response.end("1"));
  const call = (await getRoster(context)).call;
  await rejects(call, Code.NotFound, ErrorReason.USER_NOT_FOUND);
});

api("contacts are read whose groups are a list, as ejabberd 24.12 has them", async (context) => {
  const contact = { jid: MARIE.jid, nick: "Marie", pending: "none", subscription: "both" };
  const rows = [
    { ...contact, groups: ["Work", "Chess; cards"] },
    { ...contact, jid: "bob@example.com", groups: [] },
  ];
  context.answers.set("get_roster", (response) => response.end(JSON.stringify(rows)));
  const { contacts } = await (await getRoster(context)).call;
  assert.equal(
    contacts.map(({ jid, groups }) => [jid, groups]),
    [
      ["bob@example.com", []],
      [MARIE.jid, ["Work", "Chess; cards"]],
    ],
  );
});

api("groups are written as this ejabberd takes them, also after an upgrade", async (context) => {
  const server = rosterOf(context, "group");
  const { client } = await start(context);
  const set = (...groups: string[]) =>
    client.setContact({ userJid: JOHN, contact: { ...MARIE, groups } });
  assert.equal((await set("Work", "Chess")).contact?.groups, ["Work", "Chess"]);
  assert.equal(server.sent, [{ groups: ["Work", "Chess"] }, { group: "Work;Chess" }]);
  await set("Work");
  assert.equal(server.sent.slice(2), [{ group: "Work" }], "what it takes was not remembered");
  server.takes = "groups";
  await set("Home", "Work");
  await set("Home");
  assert.equal(server.sent.slice(3), [
    { group: "Home;Work" },
    { groups: ["Home", "Work"] },
    { groups: ["Home"] },
  ]);
});

api("a semicolon in a group's name is refused where it would split the group", async (context) => {
  const server = rosterOf(context, "group");
  const { client } = await start(context);
  const set = () => client.setContact({ userJid: JOHN, contact: { ...MARIE, groups: ["a;b"] } });
  await rejects(set(), Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  assert.equal(server.roster, []);
  server.takes = "groups";
  assert.equal((await set()).contact?.groups, ["a;b"]);
});

const UNREADY: [answer: string, status: number, body: string][] = [
  ["unknown arguments", 400, '"Request have unknown arguments: [group]"'],
  ["missing arguments", 400, '"Request have missing argument: group"'],
  ["an error that Doorman does not know", 400, '"Something else"'],
  ["a crash", 500, '"internal_error"'],
];
for (const [answer, status, body] of UNREADY) {
  api(`a command that answers with ${answer} is not ready`, async (context) => {
    context.answers.set("get_roster", (response) => response.writeHead(status).end(body));
    const { state, reason } = await findApiCommand(lookContext(context), "get_roster", {});
    assert.is(CapabilityState[state], "UNAVAILABLE");
    assert.match(reason, `status ${status}: ${body}`);
  });
}

api("a command is ready when one form of its arguments is taken", async (context) => {
  const server = rosterOf(context, "group");
  const forms = impossibleAdditions("example.com");
  for (server.takes of ["group", "groups"] as const) {
    const { state } = await findApiCommand(lookContext(context), "add_rosteritem", ...forms);
    assert.is(CapabilityState[state], "READY");
  }
  assert.equal(server.roster, []);
});

api("an answer without an end is read to a bound", async (context) => {
  let isGone = false;
  context.answers.set("get_roster", (response) => {
    const chunk = Buffer.alloc(1024 * 1024, " ");
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", write).on("close", () => {
      isGone = true;
    });
    write();
  });
  const { call } = await getRoster(context);
  await rejects(call, Code.Unimplemented, ErrorReason.SERVER_LACKS_FEATURE);
  assert.match(String(await call.catch(String)), "answered with more than 16777216 bytes");
  const deadline = Date.now() + PATIENCE_MS;
  while (!isGone && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isGone, "Doorman goes on reading");
});

for (const [status, body] of [
  [404, "<html>Not found</html>"],
  [404, '{"error":"not found"}'],
  [302, ""],
] as const) {
  api(`status ${status} with ${body || "nothing"} names the address`, async (context) => {
    context.answers.set("check_account", (response) => response.writeHead(status).end(body));
    await refusesTheApi(await getRoster(context), context.url);
  });
}

api("status 404 of ejabberd's own names the command", async (context) => {
  const body = '{"status":"error","code":40,"message":"Command not found."}';
  context.answers.set("check_account", (response) => response.writeHead(404).end(body));
  const { call } = await getRoster(context);
  await rejects(call, Code.Unimplemented, ErrorReason.SERVER_LACKS_FEATURE);
  assert.match(String(await call.catch(String)), "permit the command check_account");
});

api("a port where no HTTP is spoken is named", async (context) => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {}).end("<?xml version='1.0'?><stream:stream version='1.0'>");
  });
  context.url = `http://127.0.0.1:${await listen(context, server)}/api`;
  await refusesTheApi(await getRoster(context), context.url);
});

api("a port of clear text where TLS was expected is named", async (context) => {
  context.url = context.url.replace("http:", "https:");
  await refusesTheApi(await getRoster(context), context.url);
});

api("a certificate of an unknown authority is named, and nothing was done", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  context.opened.push({ close: () => rmSync(folder, { recursive: true, force: true }) });
  writeCertificate(folder);
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name)));
  const port = await listen(context, createTlsServer({ key, cert }));
  context.url = `https://127.0.0.1:${port}/api`;
  const { call } = await getRoster(context);
  await rejects(call, Code.Unavailable, ErrorReason.SERVER_UNAVAILABLE);
  assert.match(String(await call.catch(String)), "NODE_EXTRA_CA_CERTS");
});

api("an answer that is cut short leaves open what happened", async (context) => {
  context.answers.set("check_account", (response, { socket }) => {
    response.flushHeaders();
    socket.end();
  });
  const { call } = await getRoster(context);
  await rejects(call, Code.DeadlineExceeded, ErrorReason.SERVER_NO_ANSWER);
});

api("fails the refresh of one user, and of nobody else", async (context) => {
  // What it says of one is said in the body that the command is asked with.
  context.answers.set("get_roster", (response, request) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => response.end(body.includes('"john"') ? "<html>" : "[]"));
  });
  const prosody = await startProsody();
  context.opened.push({ close: () => prosody.stop() });
  const contactsApp = await TestContactsApp.start();
  context.opened.push(contactsApp);
  contactsApp.serve({});
  const { doorman, client } = await start(context, prosody.service, contactsApp.rosterUrl);
  await doorman.untilReady();
  const { status, updated, errors, results } = await client.refreshRosters({
    usernames: ["john", "aaron"],
  });
  assert.equal([status, updated, errors], ["ok", 1, 1]);
  const [john] = results;
  assert.is(john?.outcome.case, "error");
  const detail = john?.outcome.case === "error" ? john.outcome.value.detail : undefined;
  assert.is(detail?.reason, ErrorReason.SERVER_LACKS_FEATURE);
});

if (prosodyIsThere("what is at ejabberd_api")) api.run();

/** @param service rosters need none, because they go by the API alone */
async function start(context: Context, service = "xmpp://127.0.0.1:1", rosterUrl?: string) {
  process.env.DOORMAN_XMPP_PASSWORD = PROSODY_PASSWORD;
  const doorman = await TestDoorman.start({
    hosts: { "example.com": rosterUrl === undefined ? {} : { roster_url: rosterUrl } },
    xmpp: { service, jid: "doorman@example.com", ejabberd_api: context.url },
  });
  context.opened.push(doorman);
  const client = doorman.client(RosterService, await doorman.createKey("example.com"));
  return { doorman, client };
}

/** Keeps the roster of an ejabberd that takes groups as a text (23.01) or as a list (24.12). */
function rosterOf({ answers }: Context, takes: "group" | "groups") {
  const server = { takes, roster: [] as object[], sent: [] as object[] };
  answers.set("get_roster", (response) => response.end(JSON.stringify(server.roster)));
  answers.set("add_rosteritem", async (response, request) => {
    const { group, groups, user, host, nick, subs } = (await json(request)) as Record<
      string,
      never
    >;
    const isPossible = user !== "a b@";
    if (isPossible) server.sent.push(group === undefined ? { groups } : { group });
    const refusal =
      server.takes === "group" && group === undefined
        ? "Request have missing argument: group"
        : server.takes === "groups" && group !== undefined
          ? "Request have unknown arguments: [group]"
          : isPossible
            ? undefined
            : "Invalid 'user'/'server'";
    if (refusal !== undefined) {
      response.writeHead(400).end(JSON.stringify(refusal));
      return;
    }
    const contact = { jid: `${user}@${host}`, nick, subscription: subs };
    server.roster =
      server.takes === "groups"
        ? [{ ...contact, groups }]
        : String(group)
            .split(";")
            .map((one) => ({ ...contact, group: one }));
    response.end("0");
  });
  return server;
}

/** What findApiCommand reads of a look at the server. */
function lookContext({ url }: Context): LookContext {
  const jid = "doorman@example.com";
  const readPassword = () => PROSODY_PASSWORD;
  const ejabberdApi = new EjabberdApi({ url, jid, readPassword, maxOutstanding: 4 });
  return { ejabberdApi, jid, signal: new AbortController().signal } as LookContext;
}

async function getRoster(context: Context) {
  const { client } = await start(context);
  return { call: client.getRoster({ userJid: JOHN }) };
}

async function refusesTheApi({ call }: { call: Promise<unknown> }, url: string): Promise<void> {
  await rejects(call, Code.Unimplemented, ErrorReason.SERVER_LACKS_FEATURE);
  assert.match(String(await call.catch(String)), `What is at ${url} is not ejabberd's API`);
}

async function listen({ opened }: Context, server: Server | TcpServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    },
  });
  return (server.address() as AddressInfo).port;
}
