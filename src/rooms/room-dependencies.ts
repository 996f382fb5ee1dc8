import type { ChatServer } from "../chat-server/chat-server.js";
import type { Hosts } from "../hosts/hosts.js";

/** Is what the calls about rooms work with. */
export interface RoomDependencies {
  hosts: Hosts;
  chatServer: ChatServer;
}
