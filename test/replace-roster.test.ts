import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const replace = suite<{ doorman: TestDoorman; key: string }>("ReplaceRoster");

replace.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
replace.after.each(async ({ doorman }) => doorman?.close());

const userJid = "john@example.com";
const contacts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ jid: `contact${index}@example.org` }));

replace("takes 2,000 contacts", async ({ doorman, key }) => {
  const client = doorman.client(RosterService, key);
  const { changes } = await client.replaceRoster({ userJid, contacts: contacts(2_000) });
  assert.is(changes?.added, 2_000);
  assert.is((await client.getRoster({ userJid })).contacts.length, 2_000);
});

replace("refuses more, and leaves the roster as it was", async ({ doorman, key }) => {
  const client = doorman.client(RosterService, key);
  await client.replaceRoster({ userJid, contacts: contacts(1) });
  const call = client.replaceRoster({ userJid, contacts: contacts(2_001) });
  const { metadata } = await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  assert.is(metadata.field, "contacts");
  assert.is((await client.getRoster({ userJid })).contacts.length, 1);
});

replace.run();
