import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bufCurl = suite<{ doorman: TestDoorman; key: string }>("buf curl calls Doorman");

bufCurl.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
bufCurl.after.each(async ({ doorman }) => doorman.close());

for (const protocol of ["grpc", "grpcweb", "connect"]) {
  for (const http of [[], ["--http2-prior-knowledge"]]) {
    bufCurl([protocol, ...http].join(" "), async ({ doorman, key }) => {
      const { stdout } = await promisify(execFile)(
        `${root}node_modules/.bin/buf`,
        [
          ...["curl", "--schema", `${root}proto`, "--protocol", protocol, ...http],
          ...["--header", `Authorization: Bearer ${key}`],
          ...["--data", '{"room_jid": "snuggery@chat.example.org", "page_size": 1}'],
          `${doorman.url}/doorman.v1.RoomService/ListOccupants`,
        ],
        { timeout: PATIENCE_MS },
      );
      assert.is(JSON.parse(stdout).occupants[0].nickname, "Alice");
    });
  }
}

bufCurl("a stream, by the server's own reflection", async ({ doorman, key }) => {
  const { stdout } = await promisify(execFile)(
    `${root}node_modules/.bin/buf`,
    [
      ...["curl", "--protocol", "grpc", "--http2-prior-knowledge"],
      ...["--header", `Authorization: Bearer ${key}`, "--data", '{"usernames": ["john"]}'],
      `${doorman.url}/doorman.v1.RosterService/RefreshRostersWithProgress`,
    ],
    { timeout: PATIENCE_MS },
  );
  assert.match(stdout.replace(/\s/g, ""), '{"of":1}{"done":1,"of":1,"result":{"username":"john",');
  assert.match(stdout, '"summary"');
});

bufCurl.run();
