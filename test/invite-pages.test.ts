import { Code } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { ErrorReason } from "../gen/doorman/v1/error_pb.js";
import { InviteService, type ListInvitesResponse } from "../gen/doorman/v1/invite_service_pb.js";
import { TestDoorman } from "./support/doorman.js";
import { rejects } from "./support/rejects.js";
import { suite } from "./support/suite.js";

interface Context {
  doorman: TestDoorman;
  key: string;
}

const pages = suite<Context>("ListInvites");

pages.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.key = await context.doorman.createKey("example.com");
});
pages.after.each(async ({ doorman }) => doorman?.close());

pages("answers no invites and no further page at first", async ({ doorman, key }) => {
  const { invites, nextPageToken } = await doorman.client(InviteService, key).listInvites({});
  assert.equal(invites, []);
  assert.is(nextPageToken, "");
});

pages("goes through 250 invites by 100, each once, newest first", async (context) => {
  const tokens = await createInvites(context, 250);
  const seen = await readAll(context, 100);
  assert.equal(
    seen.map(({ invites }) => invites.length),
    [100, 100, 50],
  );
  assertEachOnce(seen, tokens);
  const times = seen.flatMap(({ invites }) => invites).map(({ createTime }) => createTime);
  for (const [index, time] of times.slice(1).entries()) {
    const before = times[index];
    const nanosOf = (t = before) => (t?.seconds ?? 0n) * 1_000_000_000n + BigInt(t?.nanos ?? 0);
    assert.ok(nanosOf(before) >= nanosOf(time));
  }
});

pages("has no further page after one that is just full", async (context) => {
  const tokens = await createInvites(context, 20);
  const seen = await readAll(context, 10);
  assert.equal(
    seen.map(({ invites }) => invites.length),
    [10, 10],
  );
  assertEachOnce(seen, tokens);
});

pages("answers 100 where no size is asked", async (context) => {
  await createInvites(context, 101);
  const client = context.doorman.client(InviteService, context.key);
  assert.is((await client.listInvites({})).invites.length, 100);
  assert.is((await client.listInvites({ pageSize: 1 })).invites.length, 1);
});

pages("goes on where it was though invites are created and revoked meanwhile", async (context) => {
  const tokens = await createInvites(context, 250);
  const seen = await readAll(context, 100, async (page) => {
    await createInvites(context, 30);
    const client = context.doorman.client(InviteService, context.key);
    await client.revokeInvite({ token: page.invites.at(-1)?.token ?? "" });
  });
  assertEachOnce(seen, tokens);
});

pages("answers a thousand at the most, whatever is asked", async (context) => {
  await createInvites(context, 1_001);
  const client = context.doorman.client(InviteService, context.key);
  for (const pageSize of [1_000, 5_000, 2_147_483_647]) {
    const page = await client.listInvites({ pageSize });
    assert.is(page.invites.length, 1_000);
    const { pageToken } = { pageToken: page.nextPageToken };
    assert.is((await client.listInvites({ pageSize, pageToken })).invites.length, 1);
  }
});

pages("refuses a negative size", async ({ doorman, key }) => {
  const answer = doorman.client(InviteService, key).listInvites({ pageSize: -1 });
  const detail = await rejects(answer, Code.InvalidArgument, ErrorReason.INVALID_FIELD);
  assert.is(detail.metadata.field, "page_size");
});

pages("refuses a page token that is damaged", async (context) => {
  const client = context.doorman.client(InviteService, context.key);
  await createInvites(context, 3);
  const { nextPageToken } = await client.listInvites({ pageSize: 1 });
  assert.ok(nextPageToken.length > 0);
  for (const pageToken of [
    "x",
    "null",
    nextPageToken.slice(0, -1),
    `${nextPageToken}A`,
    `${nextPageToken} `,
    nextPageToken.slice(1),
    `A${nextPageToken.slice(1)}`,
    nextPageToken.toUpperCase(),
    `${nextPageToken}${nextPageToken}`,
  ]) {
    const answer = client.listInvites({ pageSize: 1, pageToken });
    await rejects(answer, Code.InvalidArgument, ErrorReason.INVALID_PAGE_TOKEN);
  }
});

pages("refuses the page token of another host's list", async (context) => {
  await createInvites(context, 3);
  const client = context.doorman.client(InviteService, context.key);
  const { nextPageToken: pageToken } = await client.listInvites({ pageSize: 1 });
  const other = context.doorman.client(InviteService, await context.doorman.createKey("localhost"));
  const answer = other.listInvites({ pageToken });
  await rejects(answer, Code.InvalidArgument, ErrorReason.INVALID_PAGE_TOKEN);
});

pages("has no invite's token in a page token", async (context) => {
  const tokens = await createInvites(context, 3);
  const client = context.doorman.client(InviteService, context.key);
  const { nextPageToken } = await client.listInvites({ pageSize: 1 });
  const text = Buffer.from(nextPageToken, "base64url").toString() + nextPageToken;
  for (const token of tokens) assert.not.match(text, token);
});

async function createInvites({ doorman, key }: Context, count: number): Promise<string[]> {
  const client = doorman.client(InviteService, key);
  const tokens: string[] = [];
  while (tokens.length < count) {
    const batch = Array.from({ length: Math.min(50, count - tokens.length) }, () =>
      client.createInvite({}),
    );
    tokens.push(...(await Promise.all(batch)).map(({ invite }) => invite?.token ?? ""));
  }
  return tokens;
}

/** Reads page after page, and does something between them. */
async function readAll(
  { doorman, key }: Context,
  pageSize: number,
  between = async (_page: ListInvitesResponse) => {},
): Promise<ListInvitesResponse[]> {
  const client = doorman.client(InviteService, key);
  const seen: ListInvitesResponse[] = [];
  let pageToken = "";
  do {
    const page = await client.listInvites({ pageSize, pageToken });
    seen.push(page);
    pageToken = page.nextPageToken;
    await between(page);
  } while (pageToken !== "" && seen.length < 100);
  return seen;
}

function assertEachOnce(seen: ListInvitesResponse[], tokens: string[]): void {
  const found = seen.flatMap(({ invites }) => invites.map(({ token }) => token));
  assert.equal(found.sort(), [...tokens].sort());
}

pages.run();
