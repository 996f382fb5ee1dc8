import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { DescField, DescFile, DescMessage, DescMethodUnary } from "@bufbuild/protobuf";
import { pino } from "pino";
import * as assert from "uvu/assert";
import { logOptions } from "../src/log/open-log.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";
import { TestContactsApp } from "./support/test-contacts-app.js";

const LIGATURE = "\ufdfa";
const SOFT_HYPHEN = "\u00ad";

interface Context {
  doorman: TestDoorman;
  key: string;
  app: TestContactsApp;
}

const longInput = suite<Context>("long input");

longInput.before.each(async (context) => {
  context.app = await TestContactsApp.start();
  context.doorman = await TestDoorman.start({
    hosts: { "example.com": { muc: ["chat.example.org"], roster_url: context.app.rosterUrl } },
  });
  context.key = await context.doorman.createKey("example.com");
});
longInput.after.each(async ({ doorman, app }) => {
  await doorman?.close();
  await app?.close();
});

/** Runs a test, and returns how long the longest text was that Unicode's normalisation was applied to. */
async function longestNormalised(test: () => Promise<void>): Promise<number> {
  const { normalize } = String.prototype;
  let longest = 0;
  String.prototype.normalize = function (this: string, form?: string) {
    longest = Math.max(longest, this.length);
    return normalize.call(this, form);
  };
  try {
    await test();
  } finally {
    String.prototype.normalize = normalize;
  }
  return longest;
}

longInput("of 345,000 ligatures in 1 KB is refused before it is normalised", async (context) => {
  const { doorman } = context;
  const key = await doorman.createKey("example.com", ["hats.read"]);
  const roomJid = LIGATURE.repeat(345_000);
  const body = gzipSync(JSON.stringify({ roomJid }));
  assert.ok(body.byteLength < 2_000);
  const longest = await longestNormalised(async () => {
    const answers = Array.from({ length: 4 }, async () => {
      const response = await doorman.fetch("/doorman.v1.HatService/ListRoomHats", {
        method: "POST",
        headers: {
          Authorization: `Bearer ${key}`,
          "Content-Type": "application/json",
          "Content-Encoding": "gzip",
        },
        body,
      });
      assert.is(response.status, 400);
      assert.match(await response.text(), "room_jid: a bare JID has at most 2047 bytes");
    });
    await Promise.all(answers);
  });
  assert.ok(longest < 10_000, `${longest} characters were normalised`);
});

longInput("that only mapping makes too long is refused after it", async ({ doorman, key }) => {
  // Katakana in one square, which NFKC makes four characters of.
  const userJid = `${"\u3300".repeat(341)}@example.com`;
  assert.ok(Buffer.byteLength(userJid) < 1_100);
  const response = await doorman.rpc("RosterService/GetRoster", key, { userJid });
  assert.is(response.status, 400);
  assert.match(await response.text(), "at most 1023 bytes");
});

/** By what they consist of; each is the same from any place on. */
const LONG_TEXTS: Record<string, string> = {
  ligatures: LIGATURE.repeat(300_000),
  "soft hyphens": SOFT_HYPHEN.repeat(300_000),
  letters: "q".repeat(300_000),
  "a JID": `${"q".repeat(900)}@example.com`,
  "a room's JID": `${"q".repeat(900)}@chat.example.org`,
  "a JID on an unknown host": `qqq@${"q".repeat(900)}`,
  "a host": "q".repeat(900),
  "the id of a hat": `urn:example:${"q".repeat(900)}`,
  words: "q w ".repeat(250),
  "spaces and line ends": " \n".repeat(500),
};

/** Returns 101 characters in a row of a long text. */
function partOf(text: string): string {
  return text.slice(20, 121);
}

for (const [what, text] of Object.entries(LONG_TEXTS)) {
  longInput(`of ${what} is not quoted whole, whatever field it is in`, async (context) => {
    const { doorman, key } = context;
    const faults: string[] = [];
    let refused = 0;
    const longest = await longestNormalised(async () => {
      for (const { path, message } of await everyRequest(text)) {
        const response = await doorman.fetch(path, {
          method: "POST",
          headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
          body: JSON.stringify(message),
        });
        const answer = await response.text();
        if (response.status === 200) continue;
        refused += 1;
        if (response.status >= 500) faults.push(`${path}: ${response.status} ${answer}`);
        if (answer.includes(partOf(text))) faults.push(`${path}: ${answer.slice(0, 1_000)}`);
      }
    });
    assert.ok(refused > 30, `${refused} were refused`);
    assert.equal(faults, []);
    assert.not.ok(doorman.log.includes(partOf(text)), "the log has it");
    assert.not.ok(
      doorman.log.includes(JSON.stringify(partOf(text)).slice(1, -1)),
      "the log has it",
    );
    assert.ok(longest < 20_000, `${longest} characters were normalised`);
  });
}

longInput("is not quoted whole by the documented calls and by unknown paths", async (context) => {
  const { doorman, key } = context;
  const headers = { Authorization: `Bearer ${key}` };
  const long = "q".repeat(900);
  const post = (path: string, body: unknown) =>
    doorman.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const calls = [
    () => post("/muc_kick", { nickname: long, muc: "snuggery@chat.example.org" }),
    () => post("/muc_kick", { nickname: "Bob", muc: `${long}@chat.example.org` }),
    () => post("/muc_kick", { nickname: "Bob", muc: `room@${long}` }),
    () => post("/muc_kick", { nickname: "Bob", muc: long }),
    () => post("/roster_admin/refresh", [`${long}@`]),
    () => doorman.fetch(`/roster_admin/refresh/${long}%20`, { headers }),
    () => doorman.fetch(`/invites_api?key=${long}`),
    () => doorman.fetch(`/${long}`),
    () => doorman.fetch(`/roster_admin/refresh/${long}`, { method: "DELETE" }),
    () => post(`/doorman.v1.${long}/Get`, {}),
    () => post("/doorman.v1.RosterService/GetRoster", { [long]: 1 }),
    () => post("/doorman.v1.RosterService/GetRoster", { userJid: [long] }),
    () => post("/doorman.v1.RoomService/SetAffiliation", { affiliation: long }),
    () => post("/doorman.v1.InviteService/CreateInvite", { ttl: long }),
    () => post("/grpc.health.v1.Health/Check", { service: long }),
    () => doorman.rpc("RosterService/GetRoster", `${long}/${long}`, {}),
  ];
  for (const [index, call] of calls.entries()) {
    const response = await call();
    const text = await response.text();
    assert.ok(response.status >= 400 && response.status < 500, `${index}: ${response.status}`);
    assert.not.match(text, /q{101}/, `call ${index}`);
  }
  assert.not.match(doorman.log, /q{101}/);
});

longInput("of the contacts app is not quoted whole", async ({ doorman, key, app }) => {
  const rosters = ["q".repeat(900), `${"q w ".repeat(10_000)}@example.com`].flatMap((jid) => [
    { [jid]: { groups: [""] } },
    { [`/${jid}`]: {} },
  ]);
  for (const [index, roster] of rosters.entries()) {
    app.rosters.set("john", roster);
    const usernames = ["john"];
    const response = await doorman.rpc("RosterService/RefreshRosters", key, { usernames });
    const text = await response.text();
    assert.match(text, "answered with no roster", `${index}`);
    assert.not.match(text, /q{101}|(q w ){25}/, `${index}`);
  }
});

longInput("that a server took for a JID is not in the log whole", () => {
  const lines: string[] = [];
  const log = pino(logOptions("info"), { write: (line) => lines.push(line) });
  log.info({ user: `${"q".repeat(900)}@example.com`, err: new Error("no") }, "a user");
  const [line = ""] = lines;
  assert.match(line, /"user":"q{99}…"/);
  assert.match(line, /"err":\{"type":"Error","message":"no"/);
});

longInput.run();

/** Returns requests to all methods with one message, each with the text in one field, or in all of them. */
async function everyRequest(text: string): Promise<{ path: string; message: object }[]> {
  const folder = fileURLToPath(new URL("../gen/doorman/v1", import.meta.url));
  const names = readdirSync(folder).filter((name) => name.endsWith("_service_pb.js"));
  const requests: { path: string; message: object }[] = [];
  for (const name of names) {
    const exports: object = await import(`../gen/doorman/v1/${name}`);
    const isFile = ([key]: [string, unknown]) => key.startsWith("file_");
    const file: DescFile | undefined = Object.entries(exports).find(isFile)?.[1];
    assert.ok(file, `${name} exports its descriptor`);
    for (const service of file?.services ?? []) {
      const unary = service.methods.filter(
        (it): it is DescMethodUnary => it.methodKind === "unary",
      );
      for (const method of unary) {
        const path = `/${service.typeName}/${method.name}`;
        for (const message of messages(method.input, text)) requests.push({ path, message });
      }
    }
  }
  return requests;
}

/** Values that are right, for the fields beside the one that is long. */
const RIGHT: Record<string, unknown> = {
  user_jid: "bob@example.com",
  room_jid: "snuggery@chat.example.org",
  contact_jid: "marie@example.com",
  hat_id: "urn:example:hat",
  muc_domain: "chat.example.org",
  inviter_jid: "john@example.com",
};

/** Returns messages of a type with the text in each of its fields alone, and in all of them. */
function messages(type: DescMessage, text: string): object[] {
  const right = Object.fromEntries(
    type.fields
      .filter(({ name }) => RIGHT[name] !== undefined)
      .map(({ name, jsonName }) => [jsonName, RIGHT[name]]),
  );
  const each = type.fields.flatMap((field) =>
    valuesOf(field, text).map((value) => ({ [field.jsonName]: value })),
  );
  return [...each.map((one) => ({ ...right, ...one })), Object.assign({}, ...each)];
}

function valuesOf(field: DescField, text: string): unknown[] {
  const isText = field.scalar === 9;
  switch (field.fieldKind) {
    case "scalar":
      return isText ? [text] : [];
    case "list":
      if (field.listKind === "scalar") return isText ? [[text]] : [];
      return field.message ? messages(field.message, text).map((one) => [one]) : [];
    case "map": {
      if (field.message === undefined) return [{ [text]: text }];
      const values = messages(field.message, text);
      return [...values.map((one) => ({ "urn:example:hat": one })), { [text]: values[0] ?? {} }];
    }
    case "message":
      return field.message.file.name.startsWith("google/") ? [] : messages(field.message, text);
    default:
      return [];
  }
}
