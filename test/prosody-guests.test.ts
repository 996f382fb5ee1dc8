import * as assert from "uvu/assert";
import { Operation } from "../gen/doorman/v1/server_pb.js";
import type { DebianRelease } from "./support/debian-release.js";
import { diagnose } from "./support/doctor.js";
import { startProsody } from "./support/prosody.js";
import { PROSODY_PASSWORD } from "./support/prosody-configuration.js";
import { prosodyIsThere } from "./support/prosody-is-there.js";
import { suite } from "./support/suite.js";
import { XmppUser } from "./support/xmpp-user.js";

const ROOM = "snuggery@chat.example.org";
const PARENT_HOST = /^\tparent_host = "example\.com"\n/m;

/** Whether users can make rooms that stay, with the operators' file and without its parent_host. */
const SERVERS: [release: DebianRelease, withIt: boolean, without: boolean][] = [
  ["12", true, true],
  ["13", true, false],
];
const INSTALLED = SERVERS.filter(([release]) =>
  prosodyIsThere(`Prosody of Debian ${release}: guests`, release),
);

const guests = suite("Prosody: users of a host that is not the parent of the rooms' domain");

for (const [release, ...expected] of INSTALLED) {
  for (const hasLine of [true, false]) {
    const isMade = expected[hasLine ? 0 : 1] === true;
    const what = `${hasLine ? "with" : "without"} parent_host ${isMade ? "can" : "cannot"}`;
    guests(`Debian ${release}: ${what} make a persistent room`, async () => {
      const prosody = await startProsody({
        release,
        alter: (text) => {
          assert.match(text, PARENT_HOST);
          return hasLine ? text : text.replace(PARENT_HOST, "");
        },
      });
      try {
        const alice = await XmppUser.login(prosody, "alice");
        await alice.joinRoom(ROOM, "Alice");
        await alice.makeRoomPersistent(ROOM);
        assert.is(await alice.isRoomPersistent(ROOM), isMade);
        await alice.close();
      } finally {
        await prosody.stop();
      }
    });
  }

  guests(`Debian ${release}: the doctor says what to check only where it matters`, async () => {
    const prosody = await startProsody({ release });
    try {
      const advice = async (host: string) => {
        const yaml = `hosts: { ${host}: {} }
xmpp: { service: "${prosody.service}", jid: doorman@example.com, password_file: password.txt }
`;
        const { capabilities } = await diagnose(yaml, PROSODY_PASSWORD, host);
        const found = capabilities.find(({ operation }) => operation === Operation.KICK_OCCUPANTS);
        return found?.reason ?? "";
      };
      const line =
        'check that Component "chat.example.org" "muc" has the line parent_host = "example.com"';
      const reason = await advice("example.com");
      assert.is(reason.includes(line), release === "13", reason);
      assert.not.match(await advice("localhost"), "parent_host");
    } finally {
      await prosody.stop();
    }
  });
}

if (INSTALLED.length > 0) guests.run();
