import { Subscription } from "../../../../gen/doorman/v1/roster_pb.js";

const NAMES: Readonly<Record<Subscription, string>> = {
  [Subscription.UNSPECIFIED]: "both",
  [Subscription.NONE]: "none",
  [Subscription.TO]: "to",
  [Subscription.FROM]: "from",
  [Subscription.BOTH]: "both",
};

/** Writes a subscription as rosters have it (RFC 6121 section 2.1.2.5). */
export function subscriptionName(subscription: Subscription): string {
  return NAMES[subscription];
}

/** Reads a subscription; one that is absent or unknown is none. */
export function subscriptionOf(name: string): Subscription {
  const values = [Subscription.TO, Subscription.FROM, Subscription.BOTH];
  return values.find((subscription) => NAMES[subscription] === name) ?? Subscription.NONE;
}
