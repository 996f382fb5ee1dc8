import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextValues, createContextKey } from "@connectrpc/connect";
import type { Authenticator } from "../../keys/authenticator.js";
import { callerKey, requireGrant } from "../../keys/caller.js";
import { recordKey } from "../../log/request-record.js";

/**
 * Carries why a call is refused whatever its message says; undefined once it was admitted. Whoever was
 * never looked at is refused.
 */
export const refusalKey = createContextKey<ConnectError | undefined>(
  new ConnectError("Nobody has looked at the key", Code.Unauthenticated),
  { description: "why the call is refused" },
);

/**
 * Finds the caller of a method by an Authorization header, and notes who it is.
 * @throws KEY_REQUIRED, KEY_INVALID, KEY_EXPIRED, GRANT_MISSING
 */
export type Admit = (
  method: DescMethod,
  authorization: string | null,
  contextValues: ContextValues,
) => Promise<void>;

/**
 * Makes what admits a call that carries a key with the grant that its method declares.
 * @param publicServices those that need no key
 */
export function admitByKey(
  authenticator: Authenticator,
  publicServices: readonly DescService[],
): Admit {
  const isPublic = new Set(publicServices.map(({ typeName }) => typeName));
  return async (method, authorization, contextValues) => {
    if (isPublic.has(method.parent.typeName)) return;
    const caller = await authenticator.fromAuthorization(
      authorization,
      contextValues.get(recordKey),
    );
    contextValues.set(callerKey, caller);
    requireGrant(caller, method);
  };
}
