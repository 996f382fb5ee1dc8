import type { Client } from "@xmpp/client";

/** What the library makes for each login. What it writes and reads is given to btoa, and comes from atob. */
interface Mechanism {
  response(credentials: unknown): string | Promise<string>;
  challenge(text: string): unknown;
}

interface MechanismFactory {
  create(names: string[]): Mechanism | null;
}

/**
 * Lets @xmpp/client 0.14 log in with a name or a password beyond ASCII, which SASL sends as UTF-8 (RFC
 * 4616 section 2, RFC 5802 section 5.1): btoa takes a character for a byte, and fails on any past U+00FF.
 */
export function sendCredentialsAsUtf8(client: Client): void {
  const factory: MechanismFactory = Reflect.get(client, "saslFactory");
  const create = factory.create.bind(factory);
  factory.create = (names) => {
    const mechanism = create(names);
    if (mechanism === null) return null;
    const response = mechanism.response.bind(mechanism);
    const challenge = mechanism.challenge.bind(mechanism);
    // Around it and not in the credentials: SCRAM hashes the text that it has sent, as UTF-8.
    mechanism.response = async (credentials) =>
      Buffer.from(await response(credentials), "utf8").toString("latin1");
    mechanism.challenge = (bytes) => challenge(Buffer.from(bytes, "latin1").toString("utf8"));
    return mechanism;
  };
}
