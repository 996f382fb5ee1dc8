import { toJson } from "@bufbuild/protobuf";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import {
  Code,
  type Doorman,
  DoormanError,
  ErrorDetailSchema,
  ErrorReason,
} from "../../client/src/index.js";
import { type ApiOptions, connect } from "./api-options.js";
import { errorInCommandWords } from "./command-words.js";
import { CommandFailure, ExitStatus, printFailure } from "./exit-status.js";
import { oneLine } from "./output.js";

/** Runs a command's calls. Prints a failure on standard error, and sets the exit status. */
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
      console.error(
        options.json ? jsonOf(error, options) : `Error: ${oneLine(describe(error, options))}`,
      );
      process.exitCode = isDoormans(error) ? exitStatusOf(error.code) : ExitStatus.FAILURE;
    } else {
      throw error;
    }
  }
}

/** `doorman invite list | head -1` is not a failure: the reader has enough. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit();
}

/** Returns the exit status for a call that failed. */
export function exitStatusOf(code: Code): number {
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

/** Whether a Doorman has answered, or none has in time. What else answers may choose any code. */
function isDoormans({ reason, code }: DoormanError): boolean {
  const isSilence = code === Code.Unavailable || code === Code.DeadlineExceeded;
  return reason !== ErrorReason.UNSPECIFIED || isSilence;
}

function describe(error: DoormanError, options: ApiOptions): string {
  const { rawMessage, code, reason, stanza } = error;
  const { url } = options;
  if (reason !== ErrorReason.UNSPECIFIED) {
    const message = messageOf(error, options);
    if (!stanza) return message;
    const { type, condition, by, text } = stanza;
    const said = [`${type} ${condition}`, text && `"${text}"`, by && `from ${by}`];
    return `${message} (the chat server: ${said.filter(Boolean).join(", ")})`;
  }
  // Doorman's own errors have a reason.
  switch (code) {
    case Code.Unavailable:
      return `${rawMessage}; is it running there? Name another with --url or DOORMAN_URL`;
    case Code.DeadlineExceeded:
      return `Doorman at ${url} did not answer in time; --timeout waits longer`;
    default:
      return `the server at ${url} is not Doorman: ${rawMessage}`;
  }
}

/** Returns the message in the words of the command that was run. */
function messageOf({ rawMessage, detail }: DoormanError, { command }: ApiOptions): string {
  return errorInCommandWords(rawMessage, detail.metadata.field, command);
}

/** In the form of Connect's own errors in JSON. The detail names the fields as the contract does. */
function jsonOf(error: DoormanError, options: ApiOptions): string {
  const { code, detail } = error;
  const printed = { code: codeToString(code), message: messageOf(error, options) };
  return JSON.stringify({ ...printed, detail: toJson(ErrorDetailSchema, detail) });
}
