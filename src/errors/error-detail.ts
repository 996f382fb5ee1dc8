import { create } from "@bufbuild/protobuf";
import { type ErrorDetail, ErrorDetailSchema } from "../../gen/doorman/v1/error_pb.js";
import type { DoormanError } from "./doorman-error.js";

/** Writes an error as the contract's detail. */
export function errorDetail({ reason, metadata, stanza }: DoormanError): ErrorDetail {
  return create(ErrorDetailSchema, { reason, metadata, ...(stanza && { stanza }) });
}
