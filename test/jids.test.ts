import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { Affiliation } from "../gen/doorman/v1/room_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import { startProsodyStage } from "./contract/prosody-stage.js";
import { startSandboxStage } from "./contract/sandbox-stage.js";
import { HOST, MUC_DOMAIN, type Stage } from "./contract/stage.js";
import { DEBIAN_RELEASES } from "./support/debian-release.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

const JOHN = `john@${HOST}`;

/** Spellings of a name with what nodeprep makes of it, as Prosody 0.12 and ejabberd do. */
const SPELLINGS: [name: string, written: string, normalised: string][] = [
  ["capitals", "Marie", "marie"],
  ["a sharp s", "straße", "strasse"],
  ["a final sigma", "ΟΔΟΣ", "οδοσ"],
  ["a small final sigma", "οδος", "οδοσ"],
  ["a dotted capital I", "İda", "i\u0307da"],
  ["a dotless i", "ışık", "ışık"],
  ["a zero width space", "jo\u200bhn2", "john2"],
  ["a soft hyphen", "jo\u00adhn3", "john3"],
  ["a byte order mark", "\ufeffjohn4", "john4"],
  ["a variation selector", "john\ufe0f5", "john5"],
  ["a ligature", "o\ufb03ce", "office"],
  ["letters in full width", "\uff21\uff22", "ab"],
  ["mathematical capitals", "\u{1d400}b", "ab"],
  ["a letter and its accent", "rene\u0301", "ren\u00e9"],
  ["Cherokee letters, which had no case", "ᎠᎡ", "ᎠᎡ"],
  ["Hebrew letters", "אבג", "אבג"],
];

const MALFORMED: [name: string, written: string][] = [
  ["an emoji", "😀"],
  ["a letter of a later Unicode", "\u1e9e"],
  ["nothing that can be seen", "\u200b\u00ad"],
  ["letters of both directions", "אa"],
  ["digits after letters from right to left", "אב1"],
  ["a replacement character", "jo\ufffdhn"],
  ["a sign that ends a direction", "jo\u202chn"],
];

/** Plays the same cases on a chat server, because it is its word that counts what a JID is. */
function jidSuite(server: string, start: () => Promise<Stage>): void {
  let shared: Promise<Stage> | undefined;
  const jids = suite<{ stage: Stage }>(`JIDs and contacts as servers take them: ${server}`);
  jids.before.each(async (context) => {
    shared ??= start();
    context.stage = await shared;
    const rosters = context.stage.doorman.client(RosterService, context.stage.key);
    await rosters.replaceRoster({ userJid: JOHN });
  });
  jids.after(async () => (await shared)?.close());

  jids("a contact is found again in the spelling it was set in", async ({ stage }) => {
    const rosters = stage.doorman.client(RosterService, stage.key);
    for (const [name, written, normalised] of SPELLINGS) {
      const jid = `${written}@example.net`;
      const { contact } = await rosters.setContact({ userJid: JOHN, contact: { jid } });
      assert.is(contact?.jid, `${normalised}@example.net`, name);
      const seen = await stage.contacts("john");
      assert.equal(
        seen.map((one) => one.jid),
        [`${normalised}@example.net`],
        name,
      );
      await rosters.removeContact({ userJid: JOHN, contactJid: jid });
      assert.equal(await stage.contacts("john"), [], name);
    }
  });

  jids("a roster that is replaced twice is the same the second time", async ({ stage }) => {
    const rosters = stage.doorman.client(RosterService, stage.key);
    const names = ["straße", "οδος", "jo\u00adhn3"];
    const contacts = names.map((name) => ({ jid: `${name}@example.net` }));
    const first = await rosters.replaceRoster({ userJid: JOHN, contacts });
    assert.is(first.changes?.added, names.length);
    const { changes } = await rosters.replaceRoster({ userJid: JOHN, contacts });
    assert.equal([changes?.added, changes?.changed, changes?.removed], [0, 0, 0]);
  });

  jids("one contact in two spellings is there twice", async ({ stage }) => {
    const rosters = stage.doorman.client(RosterService, stage.key);
    const contacts = ["straße", "STRASSE"].map((name) => ({ jid: `${name}@example.net` }));
    const call = rosters.replaceRoster({ userJid: JOHN, contacts });
    const { metadata } = await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    assert.is(metadata.field, "contacts[1].jid");
  });

  jids("a room is found in every spelling", async ({ stage }) => {
    const client = stage.doorman.client(RoomService, stage.key);
    const owner = { username: "alice", nickname: "Alice", affiliation: Affiliation.OWNER };
    await stage.putOccupant({ ...owner, roomJid: `strasse@${MUC_DOMAIN}` });
    for (const name of ["strasse", "straße", "STRA\u00adSSE"]) {
      const { occupants } = await client.listOccupants({ roomJid: `${name}@${MUC_DOMAIN}` });
      assert.equal(
        occupants.map(({ nickname }) => nickname),
        ["Alice"],
        name,
      );
    }
  });

  jids("what a server calls malformed is refused with its field", async ({ stage }) => {
    const rooms = stage.doorman.client(RoomService, stage.key);
    const rosters = stage.doorman.client(RosterService, stage.key);
    for (const [name, written] of MALFORMED) {
      const calls = {
        room_jid: rooms.listOccupants({ roomJid: `${written}@${MUC_DOMAIN}` }),
        user_jid: rosters.getRoster({ userJid: `${written}@${HOST}` }),
        "contact.jid": rosters.setContact({
          userJid: JOHN,
          contact: { jid: `${written}@example.net` },
        }),
      };
      for (const [field, call] of Object.entries(calls)) {
        const { metadata } = await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
        assert.is(metadata.field, field, name);
      }
    }
    assert.equal(await stage.contacts("john"), []);
  });

  jids("the largest contact is one that the server takes", async ({ stage }) => {
    const rosters = stage.doorman.client(RosterService, stage.key);
    const jid = "marie@example.net";
    // XML writes a quotation mark in six bytes.
    const groups = Array.from({ length: 40 }, (_, i) => String(i).padStart(767, '"'));
    const { contact } = await rosters.setContact({ userJid: JOHN, contact: { jid, groups } });
    assert.equal([...(contact?.groups ?? [])].sort(), [...groups].sort());
    const larger = [...groups, "one more group that is too much"];
    const call = rosters.setContact({ userJid: JOHN, contact: { jid, groups: larger } });
    const { metadata } = await rejects(call, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
    assert.is(metadata.field, "contact.groups");
  });

  jids.run();
}

jidSuite("the sandbox", startSandboxStage);
for (const release of DEBIAN_RELEASES) {
  const server = `Debian ${release}'s Prosody`;
  if (prosodyIsThere(`JIDs and contacts as servers take them: ${server}`, release))
    jidSuite(server, () => startProsodyStage({ release }));
}
