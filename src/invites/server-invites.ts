import { ErrorReason } from "../../gen/doorman/v1/error_pb.js";
import { InviteState } from "../../gen/doorman/v1/invite_pb.js";
import type { ChatInvites } from "../chat-server/chat-invites.js";
import type { InvitesTable } from "../database/schema.js";
import { DoormanError } from "../errors/doorman-error.js";
import { before } from "../waiting/before.js";
import { withDeadline } from "../waiting/with-deadline.js";
import { inviteState } from "./invite.js";
import type { InviteStore } from "./invite-store.js";

/** A page that is waited for longer looks broken. */
const ASK_MS = 3_000;
/** How long an answer is good, so that reloading a page asks nothing. */
const FRESH_MS = 5_000;
/** How many answers are kept; past that the oldest is forgotten. */
const MAX_ANSWERS = 1_000;

/** Finds out what became of the invites that the chat server issued: apps spend them without Doorman. */
export class ServerInvites {
  /** By the invite's id, the oldest first. */
  readonly #asked = new Map<string, { time: number; isSpent: Promise<boolean> }>();

  constructor(
    private readonly invites: Pick<ChatInvites, "takes">,
    private readonly inviteStore: Pick<InviteStore, "markSpent" | "findById">,
  ) {}

  /**
   * Answers an invite as it is now, and remembers for good that the server does not take it any more. Where
   * the server does not tell within seconds, or before `signal` aborts, it is as it was.
   */
  async current(invite: InvitesTable, signal?: AbortSignal): Promise<InvitesTable> {
    if (inviteState(invite) !== InviteState.UNKNOWN) return invite;
    const asked = this.#isSpent(invite);
    const isSpent = await before(asked, signal, ASK_MS, noAnswer).catch(stillUnknown);
    if (!isSpent) return invite;
    await this.inviteStore.markSpent(invite.id);
    return (await this.inviteStore.findById(invite.id)) ?? invite;
  }

  #isSpent(invite: InvitesTable): Promise<boolean> {
    const { id } = invite;
    const earlier = this.#asked.get(id);
    const time = Date.now();
    if (earlier && Math.abs(time - earlier.time) < FRESH_MS) return earlier.isSpent;
    const isSpent = this.#ask(invite);
    this.#asked.delete(id);
    this.#asked.set(id, { time, isSpent });
    const [oldest = id] = this.#asked.keys();
    if (this.#asked.size > MAX_ANSWERS) this.#asked.delete(oldest);
    return isSpent;
  }

  async #ask({ token, host }: InvitesTable): Promise<boolean> {
    // Several wait for the answer: none of them ends it by leaving.
    const { signal } = new AbortController();
    const takes = (deadline: AbortSignal) => this.invites.takes(token ?? "", host, deadline);
    return withDeadline(signal, ASK_MS, takes).then((isTaken) => !isTaken, stillUnknown);
  }
}

function noAnswer(): DoormanError {
  return new DoormanError(ErrorReason.SERVER_NO_ANSWER, "The chat server did not answer in time");
}

function stillUnknown(error: unknown): boolean {
  if (error instanceof DoormanError) return false;
  throw error;
}
