import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";

const names = suite<{ doorman: TestDoorman; key: string }>("names of new accounts");

names.before.each(async (context) => {
  const invites = { reserved_usernames: ["boss", "room-1"], protected_users: ["eve@example.com"] };
  context.doorman = await TestDoorman.start({ invites });
  context.key = await context.doorman.createKey("example.com");
});
names.after.each(async ({ doorman }) => doorman?.close());

/** Returns what CreateInvite answers when it presets a name. */
async function preset({ doorman, key }: { doorman: TestDoorman; key: string }, username: string) {
  const response = await doorman.rpc("InviteService/CreateInvite", key, { username });
  return { status: response.status, text: await response.text() };
}

names("are refused where they look like a reserved one", async (context) => {
  const refused = [
    // A Latin alpha, a Cyrillic а and т, mathematical letters, "rn" for "m", zeros.
    ...["ɑdmin", "аdmin", "rooт", "𝐫𝐨𝐨𝐭", "rnoderator", "supp0rt"],
    // With accents.
    ...["admín", "ŕoot", "s̲upport", "ádmin1", "bóss"],
    // With digits and punctuation.
    ...["admin1", "root_", "-root-", "s.u.p.p.o.r.t", "1info", "info2026", "ɑdmin_1", "boss1"],
    ...["room-1", "room1", "room.1"],
  ];
  for (const username of refused) {
    const { status, text } = await preset(context, username);
    assert.is(status, 400, username);
    assert.match(text, "is reserved: choose another name", username);
  }
});

names("are refused where they look like a protected user's", async (context) => {
  for (const username of ["еve", "evе", "éve"]) {
    assert.match((await preset(context, username)).text, "is reserved", username);
  }
  assert.match((await preset(context, "eve")).text, "USER_PROTECTED");
});

names("are allowed where they only have a reserved one in them", async (context) => {
  const allowed = [
    ...["roots", "rooter", "john1", "admins", "root-beer", "newsletter", "owner.john", "user2"],
    ...[
      "room",
      "room2",
      "eve1",
      "anna",
      "анна",
      "νίκος",
      "12345",
      "محمد",
      "홍길동",
      "rené",
      "zoë",
      "йордан",
    ],
  ];
  for (const username of allowed) {
    const { status, text } = await preset(context, username);
    assert.is(status, 200, `${username}: ${text}`);
  }
});

names.run();
