import { type DescField, type DescMethod, getOption } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { secret } from "../../gen/doorman/v1/options_pb.js";
import { grantOf } from "../../src/keys/caller.js";

/** Answers where a method is called over Connect. */
export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/**
 * Answers the grant that a key must hold for a method.
 * @throws when the contract declares none, which would make the method one that nobody can call
 */
export function declaredGrant(method: DescMethod): string {
  const grant = grantOf(method);
  if (grant !== undefined) return grant;
  throw new Error(`${method.parent.typeName}/${method.name} declares no grant`);
}

/** Says whether a call may be repeated, and how it may be made besides by POST. */
export function repeatability(method: DescMethod): string {
  switch (method.idempotency) {
    case Level.NO_SIDE_EFFECTS:
      return "Changes nothing; may also be called by Connect's GET.";
    case Level.IDEMPOTENT:
      return "Idempotent: calling it again with the same request is safe.";
    default:
      return "Not idempotent: after a failure, look before you call it again.";
  }
}

/** Whether the contract marks a field as a secret, which is never logged. */
export function isSecret(field: DescField): boolean {
  return getOption(field, secret);
}
