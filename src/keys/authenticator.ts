import type { Logger } from "pino";
import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { equalInConstantTime, sha256 } from "../crypto/digest.js";
import { DoormanError } from "../errors/doorman-error.js";
import type { RequestRecord } from "../log/request-record.js";
import type { Caller } from "./caller.js";
import { type KeyParts, parseKey } from "./key.js";
import type { KeyStore } from "./key-store.js";

/** More than the longest key has in base64, with the scheme. */
const MAX_HEADER_CHARACTERS = 1_024;

/** Doorman makes ids of 8 characters. */
const MAX_ID_CHARACTERS = 8;

/**
 * Finds out who calls, from the key that a request carries. The request's record is told the key's id.
 * A refused key gets a line of its own in the log, with the id that it claimed, for fail2ban and the like.
 */
export class Authenticator {
  constructor(
    private readonly keys: KeyStore,
    private readonly log: Logger,
  ) {}

  /**
   * Reads an Authorization header: `Bearer ID/TOKEN`, or `Basic` with the id as user and the token
   * as password.
   * @throws KEY_REQUIRED when there is none, KEY_INVALID, KEY_EXPIRED
   */
  async fromAuthorization(
    header: string | null | undefined,
    record: RequestRecord,
  ): Promise<Caller> {
    if (!header) {
      throw new DoormanError(
        ErrorReason.KEY_REQUIRED,
        "This call needs a key: send the header Authorization: Bearer ID/TOKEN",
      );
    }
    return this.fromKey(readAuthorization(header), record);
  }

  /** Checks the text of a key, as `?key=` carries it. */
  async fromText(key: string, record: RequestRecord): Promise<Caller> {
    return this.fromKey(parseKey(key), record);
  }

  private async fromKey(key: KeyParts | undefined, record: RequestRecord): Promise<Caller> {
    const stored = key && (await this.keys.find(key.id));
    // An unknown id is compared too, so that the time does not tell which ids exist.
    const matches = equalInConstantTime(sha256(key?.token ?? ""), stored?.token_sha256 ?? "");
    if (!stored || !matches) {
      this.#logRefusal(key, "KEY_INVALID", record);
      throw new DoormanError(
        ErrorReason.KEY_INVALID,
        "This key is not known: check it, or create one with doorman keys create HOST",
      );
    }
    if (stored.expire_time !== null && stored.expire_time <= Date.now()) {
      this.#logRefusal(key, "KEY_EXPIRED", record);
      throw new DoormanError(
        ErrorReason.KEY_EXPIRED,
        `The key ${stored.id} has expired: create a new one with doorman keys create ${stored.host}`,
      );
    }
    record.keyId = stored.id;
    record.isAbout({ host: stored.host });
    return {
      keyId: stored.id,
      host: stored.host,
      grants: new Set(stored.grants.split(" ").filter(Boolean)),
    };
  }

  #logRefusal(key: KeyParts | undefined, reason: keyof typeof ErrorReason, record: RequestRecord) {
    const { id, address } = record;
    // What is longer than an id may be a token in the wrong place.
    const claimed = key !== undefined && key.id.length <= MAX_ID_CHARACTERS ? key.id : "";
    this.log.warn({ request_id: id, address, claimed_key_id: claimed, reason }, "key refused");
  }
}

/** Reads the credentials of RFC 6750 (Bearer) and RFC 7617 (Basic); undefined for anything else. */
function readAuthorization(header: string): KeyParts | undefined {
  if (header.length > MAX_HEADER_CHARACTERS) return undefined;
  const [, scheme, value] = /^(\S+) +(\S+)$/.exec(header.trim()) ?? [];
  switch (scheme?.toLowerCase()) {
    case "bearer":
      return parseKey(value ?? "");
    case "basic": {
      const pair = Buffer.from(value ?? "", "base64").toString();
      const colon = pair.indexOf(":");
      return colon === -1
        ? undefined
        : parseKey(`${pair.slice(0, colon)}/${pair.slice(colon + 1)}`);
    }
    default:
      return undefined;
  }
}
