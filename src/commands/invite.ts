import type { Command } from "commander";
import {
  CreateInviteResponseSchema,
  GetInviteResponseSchema,
  InviteSchema,
  InviteState,
  RevokeInviteResponseSchema,
} from "doorman-xmpp-client";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import {
  type CreateInviteOptions,
  createInviteRequest,
  withInviteFields,
} from "./create-invite-options.js";
import { inviteText, type QrOption, withQrOption } from "./invite-text.js";
import { nameOf, print, timeOf } from "./output.js";
import { printPages } from "./pages.js";

const TOKEN = "the invite's token (one that begins with - goes after --)";
const SAMPLE = "Zkv8V8-PqHmVPXrM5U2u1aOd";

/** Adds `doorman invite`. */
export function addInviteCommand(program: Command): void {
  const invite = program
    .command("invite")
    .description("create, show, list and revoke invites")
    .addHelpText("after", '\nExample:\n  doorman invite create --ttl 7d --note "for Marie"');

  const create = withQrOption(withInviteFields(withHost(invite.command("create")))).description(
    "create an invite and print its links, on a terminal with a QR code",
  );
  const createExamples = [
    'doorman invite create --ttl 7d --note "for Marie"',
    "doorman invite create --username marie --json | jq -r .invite.landingPageUrl",
  ];
  withApiOptions(create, ...createExamples).action((options: CreateInviteOptions & QrOption) =>
    call(options, async ({ invites }) => {
      const answer = await invites.createInvite(createInviteRequest(options));
      print(options, CreateInviteResponseSchema, answer, (it) => inviteText(it.invite, options));
    }),
  );

  const show = withQrOption(withHost(invite.command("show")))
    .description("show one invite")
    .argument("<token>", TOKEN);
  withApiOptions(show, `doorman invite show ${SAMPLE}`).action(
    (token: string, options: InviteOptions & QrOption) =>
      call(options, async ({ invites }) => {
        const answer = await invites.getInvite({ host: options.host ?? "", token });
        print(options, GetInviteResponseSchema, answer, (it) => inviteText(it.invite, options));
      }),
  );

  const list = withHost(invite.command("list")).description("list a host's invites, newest first");
  const listExamples = [
    "doorman invite list",
    "doorman invite list --json | jq -r 'select(.state == \"INVITE_STATE_PENDING\").token'",
  ];
  withApiOptions(list, ...listExamples).action((options: InviteOptions) =>
    call(options, ({ invites }) =>
      printPages(
        options,
        InviteSchema,
        async (page) => {
          const host = options.host ?? "";
          const { invites: items, nextPageToken } = await invites.listInvites({ host, ...page });
          return { items, nextPageToken };
        },
        {
          header: ["TOKEN", "STATE", "USES", "USERNAME", "EXPIRES", "NOTE"],
          row: ({ token, state, uses, maxUses, username, expireTime, note }) => [
            token,
            nameOf(InviteState, state),
            `${uses}/${maxUses}`,
            username,
            timeOf(expireTime),
            note,
          ],
          empty: "There are no invites.",
        },
      ),
    ),
  );

  const revoke = withHost(invite.command("revoke"))
    .description("take an invite back, so that it cannot be redeemed")
    .argument("<token>", TOKEN);
  withApiOptions(revoke, `doorman invite revoke ${SAMPLE}`).action(
    (token: string, options: InviteOptions) =>
      call(options, async ({ invites }) => {
        const answer = await invites.revokeInvite({ host: options.host ?? "", token });
        print(options, RevokeInviteResponseSchema, answer, () => `${token} is revoked`);
      }),
  );
}

interface InviteOptions extends ApiOptions {
  host?: string;
}

function withHost(command: Command): Command {
  return command.option("--host <host>", "the host of the account (default: the key's)");
}
