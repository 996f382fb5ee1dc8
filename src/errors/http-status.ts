import { Code } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { codeOfError } from "./code-of-error.js";
import type { DoormanError } from "./doorman-error.js";

/** Answers the HTTP status of an error in the documented calls. */
export function httpStatusOf(error: DoormanError): ContentfulStatusCode {
  const code = codeOfError(error);
  // To a caller of these, a server that is away and one that does not answer are the same.
  const status = code === Code.DeadlineExceeded ? 503 : codeToHttpStatus(code);
  return status as ContentfulStatusCode;
}
