import { Code, ConnectError } from "@connectrpc/connect";
import * as assert from "uvu/assert";
import { type ErrorDetail, ErrorDetailSchema, ErrorReason } from "../../gen/doorman/v1/error_pb.js";

/**
 * Asserts that a call fails with a code and a reason, and answers its detail. (uvu's assert.throws
 * knows nothing of promises.)
 */
export async function rejects(
  call: Promise<unknown>,
  code: Code,
  reason: ErrorReason,
): Promise<ErrorDetail> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error !== undefined, `expected ${Code[code]}, but the call succeeded`);
  assert.instance(error, ConnectError);
  const failure = error as ConnectError;
  const [detail] = failure.findDetails(ErrorDetailSchema);
  const seen = `${Code[failure.code]} ${ErrorReason[detail?.reason ?? 0]}`;
  assert.is(seen, `${Code[code]} ${ErrorReason[reason]}`, failure.message);
  return detail as ErrorDetail;
}
