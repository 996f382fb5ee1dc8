import type { ServerResponse } from "node:http";
import * as assert from "uvu/assert";
import { Subscription } from "../gen/doorman/v1/roster_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";
import { type RosterAnswer, TestContactsApp } from "./support/test-contacts-app.js";

interface Context {
  app: TestContactsApp;
  doorman: TestDoorman;
  key: string;
}

const contactsApp = suite<Context>("a roster is refreshed from the contacts app");

contactsApp.before.each(async (context) => {
  context.app = await TestContactsApp.start();
  context.app.serve({});
  context.doorman = await TestDoorman.start({
    hosts: { "example.com": { muc: ["chat.example.org"], roster_url: context.app.rosterUrl } },
  });
  context.key = await context.doorman.createKey("example.com");
});
contactsApp.after.each(async ({ app, doorman }) => {
  await doorman?.close();
  await app?.close();
});

contactsApp("which is asked by GET, as the module asks it", async ({ app, doorman }) => {
  await refresh(doorman, ["john"]);
  assert.equal(app.requests, [
    { line: "GET /contacts/john", accept: "application/json, text/plain, */*" },
  ]);
});

contactsApp("and the username is URL-encoded", async ({ app, doorman }) => {
  await refresh(doorman, ["jörg+1%"]);
  assert.is(app.requests[0]?.line, `GET /contacts/${encodeURIComponent("jörg+1%")}`);
});

contactsApp("never with a username that leads to another path", async ({ app, doorman }) => {
  await doorman.fetch("/roster_admin/refresh", { method: "POST", body: '["..", "."]' });
  for (const { line } of app.requests) assert.match(line, /^GET \/contacts\/./);
});

contactsApp("once for a name that is given twice", async ({ app, doorman }) => {
  assert.equal(await refresh(doorman, ["john", "JOHN", "john"]), { updated: 1, errors: 0 });
  assert.is(app.requests.length, 1);
});

contactsApp("with names, groups in both spellings, and subscription both", async (context) => {
  const { app, doorman } = context;
  app.serve({
    "marie@example.com": { name: "Marie", groups: ["Friends", "Work"] },
    "michael@example.com": { name: "Michael", groups: { Work: true, Family: true } },
    "plain@example.net": {},
    "gateway.example.net": { name: null, groups: null },
  });
  assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
  assert.equal(await rosterOf(context), [
    "gateway.example.net||",
    "marie@example.com|Marie|Friends,Work",
    "michael@example.com|Michael|Family,Work",
    "plain@example.net||",
  ]);
});

contactsApp("whose changes of names and groups are applied", async (context) => {
  const { app, doorman } = context;
  app.serve({ "marie@example.com": { name: "Marie" }, "aaron@example.com": { name: "Aaron" } });
  await refresh(doorman, ["john"]);
  app.serve({ "marie@example.com": { name: "Marie B." }, "aaron@example.com": { groups: ["A"] } });
  assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
  assert.equal(await rosterOf(context), ["aaron@example.com||A", "marie@example.com|Marie B.|"]);
});

contactsApp("whose missing contacts are removed", async (context) => {
  const { app, doorman } = context;
  app.serve({ "marie@example.com": {}, "aaron@example.com": {} });
  await refresh(doorman, ["john"]);
  app.serve({ "aaron@example.com": {} });
  await refresh(doorman, ["john"]);
  assert.equal(await rosterOf(context), ["aaron@example.com||"]);
  // An app in PHP writes an empty object so.
  app.serve([]);
  assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
  assert.equal(await rosterOf(context), []);
});

contactsApp(
  "with a space for the tabs and line ends that a roster cannot hold",
  async (context) => {
    const { app, doorman } = context;
    app.serve({ "marie@example.com": { name: "Marie\r\nB.", groups: ["A\tB", "A B"] } });
    for (const _time of ["first", "second"]) {
      assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
      assert.equal(await rosterOf(context), ["marie@example.com|Marie B.|A B"]);
    }
  },
);

contactsApp("with the user and the password of its URL, which no error shows", async (context) => {
  const { app, doorman } = await withPassword(context);
  let authorization: string | undefined;
  app.answer = (response) => {
    authorization = response.req.headers.authorization;
    response.end('{"marie@example.com":{}}');
  };
  assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
  assert.is(authorization, `Basic ${Buffer.from("doorman:p@ss/wörd").toString("base64")}`);
  assert.equal(
    app.requests.map(({ line }) => line),
    ["GET /contacts/john"],
  );
  app.answer = (response) => response.writeHead(401).end();
  const response = await doorman.fetch("/roster_admin/refresh/john");
  assert.is(response.status, 200);
  const said = await response.text();
  assert.match(said, "401");
  assert.not.match(said + doorman.log, /p@ss|p%40ss/);
});

contactsApp("unless the user has no account", async ({ app, doorman }) => {
  app.serve({ "marie@example.com": {} });
  assert.equal(await refresh(doorman, ["nobody", "john"]), { updated: 1, errors: 1 });
});

const text =
  (body: string): RosterAnswer =>
  (response) =>
    response.end(body);
const status =
  (code: number, headers = {}): RosterAnswer =>
  (response) =>
    response.writeHead(code, headers).end('{"aaron@example.com":{}}');

const failures: Record<string, RosterAnswer> = {
  "answers 404": status(404),
  "answers 500": status(500),
  "answers 204": (response) => response.writeHead(204).end(),
  "answers another success than 200": status(203),
  "redirects in a circle": status(302, { Location: "/contacts/john" }),
  "redirects to another port": status(302, { Location: "http://127.0.0.1:9/contacts/john" }),
  "redirects to another scheme": status(301, { Location: "https://127.0.0.1/contacts/john" }),
  "redirects to nowhere": status(307, { Location: "http://[" }),
  "redirects and does not say where": status(308),
  "answers nothing at all": (response) => response.destroy(),
  "answers half": (response) => {
    response.writeHead(200, { "Content-Length": "1000" });
    response.write('{"aaron@example.com":', () => response.destroy());
  },
  "answers an empty body": text(""),
  "answers a name whose bytes are no UTF-8": (response) =>
    response.end(Buffer.from('{"aaron@example.com":{"name":"J\xf6rg"}}', "latin1")),
  "answers a page": text("<html>Please log in</html>"),
  "answers truncated JSON": text('{"aaron@example.com":{}'),
  "answers an array of contacts": text('["aaron@example.com"]'),
  "answers null": text("null"),
  "answers text": text('"aaron@example.com"'),
  "answers a contact that is no object": text('{"aaron@example.com":"Aaron"}'),
  "answers a name that is no text": text('{"aaron@example.com":{"name":1}}'),
  "answers groups that are no names": text('{"aaron@example.com":{"groups":[1]}}'),
  "answers one JID that is none": text('{"aaron@example.com":{},"a b@example.com":{}}'),
  "answers a name with a control character": text('{"aaron@example.com":{"name":"\\u009b"}}'),
  "answers a JID with an emoji": text('{"aaron@example.com":{},"😀@example.com":{}}'),
  "answers a contact that no stanza holds": text(
    JSON.stringify({
      "aaron@example.com": {},
      "michael@example.com": { groups: Array.from({ length: 99 }, (_, i) => `${i}"`.repeat(300)) },
    }),
  ),
  "answers a JID with a resource": text('{"aaron@example.com/phone":{}}'),
  "answers an oversized roster": (response) => {
    response.write('{"aaron@example.com":{"name":"');
    response.end(`${"a".repeat(5 * 1024 * 1024)}"}}`);
  },
  "answers too many contacts": text(
    JSON.stringify(
      Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`u${index}@a.example`, {}])),
    ),
  ),
  "answers deeply nested JSON": text("[".repeat(100_000)),
};
for (const [name, answer] of Object.entries(failures)) {
  contactsApp(`which ${name}: counted in errors, the roster unchanged`, async (context) => {
    await assertFails(context, answer);
  });
}

for (const [name, answer, requests] of [
  ["once more when it answers 500", status(500), 2],
  ["once more when it answers 503", status(503), 2],
  ["once more when it hangs up", failures["answers nothing at all"], 2],
  ["once more when its answer is cut short", failures["answers half"], 2],
  ["not again when it answers 404", status(404), 1],
  ["not again when it answers with no roster", text("<html>"), 1],
  ["not again when it redirects elsewhere", failures["redirects to another port"], 1],
] as const) {
  contactsApp(`which is asked ${name}`, async ({ app, doorman }) => {
    app.answer = answer;
    assert.equal(await refresh(doorman, ["john"]), { updated: 0, errors: 1 });
    assert.is(app.requests.length, requests);
  });
}

contactsApp("which breaks down once: updated all the same", async (context) => {
  const { app, doorman } = context;
  app.answer = (response) => {
    if (app.requests.length === 1) response.writeHead(502).end();
    else response.end('{"marie@example.com":{"name":"Marie"}}');
  };
  assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
  assert.equal(await rosterOf(context), ["marie@example.com|Marie|"]);
});

contactsApp(
  "which redirects to a place of its own, where its password goes too",
  async (context) => {
    const { app, doorman } = await withPassword(context);
    const authorizations: (string | undefined)[] = [];
    app.answer = (response) => {
      authorizations.push(response.req.headers.authorization);
      if (response.req.url?.startsWith("/new/")) response.end('{"marie@example.com":{}}');
      else response.writeHead(301, { Location: "/new/contacts/john?page=all" }).end();
    };
    assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
    assert.equal(
      app.requests.map(({ line }) => line),
      ["GET /contacts/john", "GET /new/contacts/john?page=all"],
    );
    assert.is(authorizations[0], authorizations[1]);
  },
);

contactsApp("which redirects to what is no web page: told by its scheme", async (context) => {
  const { app, doorman } = context;
  app.answer = status(302, { Location: "file:///etc/passwd" });
  const said = await (await doorman.fetch("/roster_admin/refresh/john")).text();
  assert.match(said, "redirects to a file: address");
});

contactsApp("with names that mean something to JavaScript", async (context) => {
  const { app, doorman } = context;
  app.answer = text('{"__proto__":{"groups":{"__proto__":true}}}');
  assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
  assert.equal(await rosterOf(context), ["__proto__||__proto__"]);
});

contactsApp("which redirects to another address: nothing goes there", async (context) => {
  const { app, doorman } = await withPassword(context);
  const other = await TestContactsApp.start();
  other.serve({});
  try {
    app.answer = status(302, { Location: other.rosterUrl.replace("%s", "john") });
    const answer = await doorman.rpc("RosterService/RefreshRosters", context.key, {
      usernames: ["john"],
    });
    const said = await answer.text();
    assert.match(said, `redirects to ${new URL(other.rosterUrl).origin}`);
    assert.match(said, "name the right one in roster_url");
    assert.is(other.requests.length, 0);
  } finally {
    await other.close();
  }
});

contactsApp("with at most eight requests at a time, of all calls together", async (context) => {
  const { app, doorman } = context;
  let atOnce = 0;
  let most = 0;
  const held: ServerResponse[] = [];
  app.answer = (response) => {
    most = Math.max(most, ++atOnce);
    held.push(response);
    // Eight or the last few are let go together: with fewer allowed, or more, the count would differ.
    if (held.length < 8) return;
    setTimeout(() => {
      for (const one of held.splice(0)) {
        atOnce -= 1;
        one.writeHead(404).end();
      }
    }, 50);
  };
  const names = (call: number) => Array.from({ length: 8 }, (_, index) => `user${call}x${index}`);
  const calls = [1, 2, 3, 4].map((call) => refresh(doorman, names(call)));
  for (const answer of await Promise.all(calls)) assert.equal(answer, { updated: 0, errors: 8 });
  assert.is(most, 8);
});

contactsApp("by two calls at once for one user, one after the other", async ({ app, doorman }) => {
  let isAsked = false;
  let overlaps = 0;
  app.answer = (response) => {
    if (isAsked) overlaps += 1;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      response.end('{"marie@example.com":{}}');
    }, 50);
  };
  const calls = [refresh(doorman, ["john"]), refresh(doorman, ["john"])];
  for (const answer of await Promise.all(calls)) assert.equal(answer, { updated: 1, errors: 0 });
  assert.equal([app.requests.length, overlaps], [2, 0]);
});

contactsApp("which is not there: counted in errors, the roster unchanged", async (context) => {
  await fillRoster(context);
  await context.app.close();
  assert.equal(await refresh(context.doorman, ["john"]), { updated: 0, errors: 1 });
  assert.equal(await rosterOf(context), ["marie@example.com|Marie|"]);
});

// Takes as long as Doorman waits for the app, twice 8 seconds.
contactsApp("which never ends its answer: counted in errors, unchanged", async (context) => {
  await assertFails(context, (response) => response.write("{"));
});

contactsApp("and one user's failure does not stop the others", async ({ app, doorman }) => {
  app.answer = (response) => {
    if (response.req.url?.endsWith("aaron")) response.writeHead(500);
    response.end("{}");
  };
  assert.equal(await refresh(doorman, ["john", "aaron", "marie"]), { updated: 2, errors: 1 });
});

/** Starts Doorman anew with credentials in the URL of the app. */
async function withPassword(context: Context): Promise<Context> {
  await context.doorman.close();
  const rosterUrl = context.app.rosterUrl.replace("//", "//doorman:p%40ss%2Fwörd@");
  context.doorman = await TestDoorman.start({
    hosts: { "example.com": { roster_url: rosterUrl } },
  });
  context.key = await context.doorman.createKey("example.com");
  return context;
}

async function fillRoster({ app, doorman }: Context): Promise<void> {
  app.serve({ "marie@example.com": { name: "Marie" } });
  assert.equal(await refresh(doorman, ["john"]), { updated: 1, errors: 0 });
}

async function assertFails(context: Context, answer: RosterAnswer): Promise<void> {
  await fillRoster(context);
  context.app.answer = answer;
  assert.equal(await refresh(context.doorman, ["john"]), { updated: 0, errors: 1 });
  assert.equal(await rosterOf(context), ["marie@example.com|Marie|"]);
}

async function refresh(doorman: TestDoorman, usernames: string[]) {
  const body = JSON.stringify(usernames);
  const response = await doorman.fetch("/roster_admin/refresh", { method: "POST", body });
  assert.is(response.status, 200);
  const { status, updated, errors } = (await response.json()) as Record<string, unknown>;
  assert.is(status, updated === 0 ? "error" : "ok");
  return { updated, errors };
}

/** Answers john's contacts as `JID|NAME|GROUPS`, and asserts that each has subscription both. */
async function rosterOf({ doorman, key }: Context): Promise<string[]> {
  const client = doorman.client(RosterService, key);
  const { contacts } = await client.getRoster({ userJid: "john@example.com" });
  for (const { subscription } of contacts) assert.is(subscription, Subscription.BOTH);
  return contacts.map(({ jid, name, groups }) => `${jid}|${name}|${[...groups].sort()}`);
}

contactsApp.run();
