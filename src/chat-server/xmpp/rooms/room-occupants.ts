import type { Occupant } from "../../../../gen/doorman/v1/room_pb.js";
import type { RoomPresence } from "./room-presence.js";

/**
 * Is who is in a room, by what the room's presences say. An occupant is one object as long as it is there,
 * under whatever nickname, so that who waits for it to leave knows it.
 */
export class RoomOccupants {
  readonly #byNickname = new Map<string, Occupant>();

  get byNickname(): ReadonlyMap<string, Occupant> {
    return this.#byNickname;
  }

  has(occupant: Occupant): boolean {
    return this.#byNickname.get(occupant.nickname) === occupant;
  }

  take({ nickname, available, newNickname, occupant }: RoomPresence): void {
    const known = this.#byNickname.get(nickname);
    if (available) {
      if (known === undefined) this.#byNickname.set(nickname, occupant);
      else Object.assign(known, occupant);
      return;
    }
    this.#byNickname.delete(nickname);
    if (newNickname === "" || known === undefined) return;
    known.nickname = newNickname;
    this.#byNickname.set(newNickname, known);
  }
}
