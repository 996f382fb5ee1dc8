import type { Command } from "commander";
import { type RedeemInviteResponse, RedeemInviteResponseSchema } from "../../client/src/index.js";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call } from "./call.js";
import { print } from "./output.js";
import { readPassword } from "./password-input.js";

/** Adds `doorman invite redeem`. A command line shows in ps, so that the password is never on it. */
export function addRedeemCommand(
  invite: Command,
  { token, sample }: { token: string; sample: string },
): void {
  const redeem = invite
    .command("redeem")
    .description(
      "redeem an invite; asks for the password, or reads it from standard input where that is not a terminal",
    )
    .option("--host <host>", "the host of the account (default: the key's)")
    .argument("<token>", token)
    .argument("[username]", "the name of the account (default: the one that the invite presets)");
  const examples = [
    `doorman invite redeem ${sample} marie`,
    `doorman invite redeem ${sample} marie < password.txt`,
  ];
  withApiOptions(redeem, ...examples).action(
    (named: string, username = "", options: ApiOptions & { host?: string }) =>
      call(options, async ({ invites }) => {
        const { host = "" } = options;
        const password = await readPassword();
        const answer = await invites.redeemInvite({ host, token: named, username, password });
        print(options, RedeemInviteResponseSchema, answer, describe);
      }),
  );
}

function describe({ userJid, contactPending }: RedeemInviteResponse): string {
  const redeemed = `The invite is redeemed for ${userJid}`;
  return contactPending ? `${redeemed}; the inviter becomes a contact soon` : redeemed;
}
