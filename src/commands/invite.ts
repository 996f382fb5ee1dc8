import { type Command, InvalidArgumentError, Option } from "commander";
import {
  BulkCreateInvitesResponseSchema,
  CreateInviteResponseSchema,
  GetInviteResponseSchema,
  InviteSchema,
  InviteState,
  RedemptionSchema,
  ResendInviteResponseSchema,
  RevokeInviteResponseSchema,
} from "../../client/src/index.js";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import {
  type CreateInviteOptions,
  createInviteRequest,
  withInviteFields,
} from "./create-invite-options.js";
import { endOfHelp } from "./exit-status.js";
import { addRedeemCommand } from "./invite-redeem.js";
import { inviteText, purposeName, type QrOption, withQrOption } from "./invite-text.js";
import { nameOf, print, timeOf } from "./output.js";
import { printPages } from "./pages.js";

const TOKEN = "the invite's token (one that begins with - goes after --)";
const SAMPLE = "Zkv8V8-PqHmVPXrM5U2u1aOd";

/** Adds `doorman invite`. */
export function addInviteCommand(program: Command): void {
  const invite = program
    .command("invite")
    .description("create, show, list, redeem and revoke invites")
    .addHelpText("after", endOfHelp('doorman invite create --ttl 7d --note "for Marie"'));

  const create = withQrOption(withInviteFields(withHost(invite.command("create")))).description(
    "create an invite and print its links, on a terminal with a QR code",
  );
  const createExamples = [
    'doorman invite create --ttl 7d --note "for Marie"',
    "doorman invite create --username marie --json | jq -r .invite.landingPageUrl",
    "doorman invite create --purpose account-and-contact --inviter marie@example.com --count 30",
  ];
  withApiOptions(create, ...createExamples).action((options: CreateInviteOptions & QrOption) =>
    call(options, async ({ invites }) => {
      if (options.count !== undefined) {
        const { host = "", requestId = "", count } = options;
        const one = createInviteRequest({ ...options, requestId: "" });
        const wanted = Array.from({ length: count }, () => one);
        const answer = await invites.bulkCreateInvites({ host, requestId, invites: wanted });
        print(options, BulkCreateInvitesResponseSchema, answer, (it) =>
          it.invites.map(({ landingPageUrl }) => landingPageUrl).join("\n"),
        );
        return;
      }
      const answer = await invites.createInvite(createInviteRequest(options));
      print(options, CreateInviteResponseSchema, answer, (it) => inviteText(it.invite, options));
    }),
  );

  const show = withQrOption(withToken(invite.command("show"))).description("show one invite");
  withApiOptions(show, `doorman invite show ${SAMPLE}`).action(
    (token: string | undefined, options: InviteOptions & QrOption) =>
      call(options, async ({ invites }) => {
        const answer = await invites.getInvite(inviteNamed(token, options));
        print(options, GetInviteResponseSchema, answer, (it) => inviteText(it.invite, options));
      }),
  );

  const redemptions = withToken(invite.command("redemptions")).description(
    "list who redeemed an invite, the latest first",
  );
  withApiOptions(redemptions, `doorman invite redemptions ${SAMPLE}`).action(
    (token: string | undefined, options: InviteOptions) =>
      call(options, ({ invites }) =>
        printPages(
          options,
          RedemptionSchema,
          async (page) => {
            const request = { ...inviteNamed(token, options), ...page };
            const { redemptions: items, nextPageToken } = await invites.listRedemptions(request);
            return { items, nextPageToken };
          },
          {
            header: ["USER", "REDEEMED"],
            row: ({ userJid, redeemTime }) => [userJid, timeOf(redeemTime)],
            empty: "Nobody has redeemed the invite.",
          },
        ),
      ),
  );

  const list = withHost(invite.command("list"))
    .description("list a host's invites, newest first")
    .addOption(
      new Option("--state <state>", `only those: ${STATES.join(", ")}`)
        .choices(STATES)
        .argParser(readState),
    );
  const listExamples = [
    "doorman invite list --state pending",
    "doorman invite list --json | jq -r 'select(.uses == null).token'",
  ];
  withApiOptions(list, ...listExamples).action((options: InviteOptions & { state?: InviteState }) =>
    call(options, ({ invites }) =>
      printPages(
        options,
        InviteSchema,
        async (page) => {
          const { host = "", state = InviteState.UNSPECIFIED } = options;
          const request = { host, state, ...page };
          const { invites: items, nextPageToken } = await invites.listInvites(request);
          return { items, nextPageToken };
        },
        {
          header: ["TOKEN", "ID", "PURPOSE", "STATE", "USES", "USERNAME", "EXPIRES", "NOTE"],
          row: ({ token, id, purpose, state, uses, maxUses, username, expireTime, note }) => [
            token,
            id,
            purposeName(purpose),
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

  const resend = withQrOption(withToken(invite.command("resend"))).description(
    "give a pending invite a new link, and void the old one",
  );
  withApiOptions(resend, `doorman invite resend ${SAMPLE}`).action(
    (token: string | undefined, options: InviteOptions & QrOption) =>
      call(options, async ({ invites }) => {
        const answer = await invites.resendInvite(inviteNamed(token, options));
        print(options, ResendInviteResponseSchema, answer, (it) => inviteText(it.invite, options));
      }),
  );

  addRedeemCommand(invite, { token: TOKEN, sample: SAMPLE });

  const revoke = withToken(invite.command("revoke")).description(
    "take an invite back, so that it cannot be redeemed",
  );
  withApiOptions(revoke, `doorman invite revoke ${SAMPLE}`).action(
    (token: string | undefined, options: InviteOptions) =>
      call(options, async ({ invites }) => {
        const answer = await invites.revokeInvite(inviteNamed(token, options));
        const named = token ?? options.id ?? "";
        print(options, RevokeInviteResponseSchema, answer, () => `${named} is revoked`);
      }),
  );
}

interface InviteOptions extends ApiOptions {
  host?: string;
  id?: string;
}

function withHost(command: Command): Command {
  return command.option("--host <host>", "the host of the account (default: the key's)");
}

function withToken(command: Command): Command {
  return withHost(command)
    .argument("[token]", TOKEN)
    .option("--id <id>", "the invite's id, in place of its token");
}

function inviteNamed(token: string | undefined, { host = "", id = "" }: InviteOptions) {
  return { host, token: token ?? "", id };
}

const STATES = ["pending", "redeemed", "expired", "revoked", "unknown"];

function readState(text: string): InviteState {
  const index = STATES.indexOf(text);
  // Their numbers begin with 1.
  if (index !== -1) return index + 1;
  throw new InvalidArgumentError(`Expected one of ${STATES.join(", ")}.`);
}
