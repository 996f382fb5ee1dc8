import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { createContextKey } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { grant } from "../../gen/doorman/v1/options_pb.js";
import { DoormanError } from "../errors/doorman-error.js";

/** Is who makes a call, and what they may do. */
export interface Caller {
  /** The key's id; empty for a documented call that needs no key. */
  readonly keyId: string;
  /** The only host the caller may touch; undefined for all that are configured. */
  readonly host: string | undefined;
  readonly grants: ReadonlySet<string>;
}

const NOBODY: Caller = { keyId: "", host: undefined, grants: new Set() };

/** Carries the caller from the authenticating interceptor to the service. */
export const callerKey = createContextKey<Caller>(NOBODY, { description: "caller" });

/** Answers the grant that a method declares in the contract; undefined when it declares none. */
export function grantOf(method: DescMethod): string | undefined {
  return hasOption(method, grant) ? getOption(method, grant) : undefined;
}

/**
 * Makes sure that a caller may call a method. One that declares no grant is refused to everybody.
 * @throws GRANT_MISSING, naming the grant
 */
export function requireGrant(caller: Caller, method: DescMethod): void {
  const needed = grantOf(method);
  if (needed === undefined) {
    throw new DoormanError(ErrorReason.GRANT_MISSING, `${method.name} is open to nobody`, {
      metadata: { grant: "" },
    });
  }
  requireNamedGrant(caller, needed);
}

/** @throws GRANT_MISSING, naming the grant */
export function requireNamedGrant(caller: Caller, needed: string): void {
  if (caller.grants.has(needed)) return;
  throw new DoormanError(
    ErrorReason.GRANT_MISSING,
    `The key ${caller.keyId} lacks the grant ${needed}: use a key that was created with --grant ${needed}`,
    { metadata: { grant: needed } },
  );
}
