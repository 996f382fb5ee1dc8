import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { type Finding, fix, ready, unavailable } from "../../capability.js";
import { type CommandParameters, isElsewhere, refusesArguments } from "../ejabberd-api.js";
import { openApi, permitApi } from "./ejabberd-fixes.js";
import type { LookContext } from "./server-look.js";

const EXAMPLE_API = "http://127.0.0.1:5282/api";

/**
 * Finds out whether ejabberd's API lets Doorman call a command, by calling it.
 * @param form parameters that can do nothing but are complete, because ejabberd reads them before it looks
 *   at permissions
 * @param otherForms what other versions take in place of them
 */
export async function findApiCommand(
  { ejabberdApi, jid, signal }: LookContext,
  command: string,
  form: CommandParameters,
  ...otherForms: CommandParameters[]
): Promise<Finding> {
  if (ejabberdApi === undefined) {
    return unavailable(
      "Doorman needs ejabberd's own API, and its address is not configured",
      fix("doorman.yaml", "", "xmpp:", `  ejabberd_api: ${EXAMPLE_API}`),
      openApi(EXAMPLE_API),
      ...permitApi(jid),
    );
  }
  const { url } = ejabberdApi;
  try {
    const ask = (parameters: CommandParameters) =>
      ejabberdApi.ask(command, parameters, "look at its permissions", signal);
    let answer = await ask(form);
    for (const other of otherForms) {
      if (answer.status !== 400 || !refusesArguments(answer.text)) break;
      answer = await ask(other);
    }
    return findingOf(command, answer, url, jid);
  } catch (error) {
    if (!(error instanceof DoormanError) || error.reason !== ErrorReason.SERVER_UNAVAILABLE) {
      throw error;
    }
    return unavailable(error.message, openApi(url), ...permitApi(jid));
  }
}

function findingOf(
  command: string,
  { status, text }: { status: number; text: string },
  url: string,
  jid: string,
): Finding {
  if (status === 200 || (status === 400 && REFUSED_VALUE.test(text))) {
    return ready("ejabberd's API permits Doorman the commands that it needs");
  }
  if (status === 401) {
    return unavailable(`ejabberd's API does not take the password of ${jid} (status 401)`);
  }
  if (isElsewhere(status, text)) {
    return unavailable(`there is no mod_http_api at ${url} (status ${status})`, openApi(url));
  }
  if (status === 403 || status === 404) {
    return unavailable(
      `ejabberd's API does not permit Doorman the command ${command} (status ${status})`,
      ...permitApi(jid),
    );
  }
  return unavailable(
    `ejabberd's API does not take the command ${command} as Doorman sends it (status ${status}: ${text.slice(0, MAX_QUOTED)}); Doorman was tried with ejabberd 23.01 and 24.12`,
  );
}

/**
 * What ejabberd 23.01 and 24.12 say of the values with which a command can do nothing. They say so after
 * they have looked at the command's arguments and permissions.
 */
const REFUSED_VALUE = /Invalid 'user'|room_not_found/;
const MAX_QUOTED = 100;
