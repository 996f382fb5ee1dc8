import { create } from "@bufbuild/protobuf";
import * as assert from "uvu/assert";
import { type HatAttachment, HatAttachmentSchema } from "../gen/doorman/v1/hat_pb.js";
import { readHatRows } from "../src/chat-server/xmpp/hats/hat-rows.js";
import { suite } from "./support/suite.js";

const BOB = "bob@example.com";
const nothingGiven = new Map<string, Map<string, HatAttachment>>();

const rows = suite("ejabberd's list of hats, whose columns may be called by each other's names");

/** Makes the list of a server that has the hats of Bob, swapped as released or mended. */
function listed(server: "swapped" | "mended", hats: [id: string, title: string][]) {
  return hats.map(([id, title]) => ({
    userJid: BOB,
    uriColumn: server === "mended" ? id : title,
    titleColumn: server === "mended" ? title : id,
  }));
}

for (const server of ["swapped", "mended"] as const) {
  rows(`of a server that has them ${server}: is read by which column has URIs`, () => {
    const hats: [string, string][] = [
      ["urn:hat:teacher", "Teacher"],
      // A title that could be a URI, and a hat without a title.
      ["urn:hat:host", "host:main"],
      ["urn:hat:guest", ""],
    ];
    const read = readHatRows(listed(server, hats), nothingGiven);
    assert.equal(read.get(BOB), new Map(hats));
  });

  rows(`of a server that has them ${server}: is read by the hats that Doorman gave`, () => {
    const hats: [string, string][] = [
      ["urn:hat:host", "host:main"],
      ["teacher", "urn:of-somebody-else"],
    ];
    const attachment = create(HatAttachmentSchema, { active: true, title: "host:main" });
    const given = new Map([[BOB, new Map([["urn:hat:host", attachment]])]]);
    const read = readHatRows(listed(server, hats), given);
    assert.equal(read.get(BOB), new Map(hats));
  });
}

rows("is read as every release writes it where nothing tells", () => {
  const hats: [string, string][] = [["urn:hat:host", "host:main"]];
  const read = readHatRows(listed("swapped", hats), nothingGiven);
  assert.equal(read.get(BOB), new Map(hats));
});

rows.run();
