import { toJson } from "@bufbuild/protobuf";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import {
  Code,
  type Doorman,
  DoormanError,
  ErrorDetailSchema,
  ErrorReason,
} from "doorman-xmpp-client";
import { type ApiOptions, connect } from "./api-options.js";
import { CommandFailure, ExitStatus, printFailure } from "./exit-status.js";
import { oneLine } from "./output.js";

/** Does a command's calls. A failure is printed on standard error and sets the exit status. */
export async function call(
  options: ApiOptions,
  work: (doorman: Doorman) => Promise<void>,
): Promise<void> {
  process.stdout.on("error", endWithReader);
  try {
    await work(connect(options));
  } catch (error) {
    if (error instanceof CommandFailure) {
      printFailure(error.message, options.json ?? false);
      process.exitCode = error.exitStatus;
    } else if (error instanceof DoormanError) {
      console.error(options.json ? jsonOf(error) : `Error: ${oneLine(describe(error, options))}`);
      process.exitCode = exitStatusOf(error.code);
    } else {
      throw error;
    }
  }
}

/** `doorman invite list | head -1` is no fault: the reader has enough. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit();
}

/** Returns the exit status for a call that failed. */
function exitStatusOf(code: Code): number {
  switch (code) {
    case Code.InvalidArgument:
      return ExitStatus.USAGE;
    case Code.NotFound:
      return ExitStatus.NOT_FOUND;
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return ExitStatus.DENIED;
    case Code.Unavailable:
    case Code.DeadlineExceeded:
      return ExitStatus.UNAVAILABLE;
    default:
      return ExitStatus.FAILURE;
  }
}

function describe({ rawMessage, code, reason, stanza }: DoormanError, { url }: ApiOptions): string {
  if (reason !== ErrorReason.UNSPECIFIED) {
    if (!stanza) return rawMessage;
    const { type, condition, by, text } = stanza;
    const said = [`${type} ${condition}`, text && `"${text}"`, by && `from ${by}`];
    return `${rawMessage} (the chat server: ${said.filter(Boolean).join(", ")})`;
  }
  // None of Doorman's own answers.
  switch (code) {
    case Code.Unavailable:
      return `${rawMessage}; is it running there? Name another with --url or DOORMAN_URL`;
    case Code.DeadlineExceeded:
      return `Doorman at ${url} did not answer in time; --timeout waits longer`;
    default:
      return `what answers at ${url} is no Doorman: ${rawMessage}`;
  }
}

/** In the form of Connect's own errors in JSON. */
function jsonOf({ code, rawMessage, detail }: DoormanError): string {
  const error = { code: codeToString(code), message: rawMessage };
  return JSON.stringify({ ...error, detail: toJson(ErrorDetailSchema, detail) });
}
