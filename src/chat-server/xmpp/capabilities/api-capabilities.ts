import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { type Finding, fix, ready, unavailable } from "../../capability.js";
import { isElsewhere } from "../ejabberd-api.js";
import { openApi, permitApi } from "./ejabberd-fixes.js";
import type { LookContext } from "./server-look.js";

const EXAMPLE_API = "http://127.0.0.1:5282/api";

/**
 * Finds out whether ejabberd's API lets Doorman call a command, by calling it.
 * @param parameters such that it can do nothing, and whole: without one of them it says nothing of rights
 */
export async function findApiCommand(
  { ejabberdApi, jid, signal }: LookContext,
  command: string,
  parameters: Record<string, string>,
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
    const answer = await ejabberdApi.ask(command, parameters, "look at its permissions", signal);
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
  if (status === 200 || status === 400) {
    return ready("ejabberd's API permits Doorman the commands that it needs");
  }
  if (status === 401) {
    return unavailable(`ejabberd's API does not take the password of ${jid} (status 401)`);
  }
  if (isElsewhere(status, text)) {
    return unavailable(`there is no mod_http_api at ${url} (status ${status})`, openApi(url));
  }
  return unavailable(
    `ejabberd's API does not permit Doorman the command ${command} (status ${status})`,
    ...permitApi(jid),
  );
}
