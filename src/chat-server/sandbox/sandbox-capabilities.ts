import { create } from "@bufbuild/protobuf";
import { Operation, ServerInfoSchema } from "../../../gen/doorman/v1/server_pb.js";
import { ofEach, ready, unsupported } from "../capability.js";
import type { ChatCapabilities, ServerLook } from "../chat-capabilities.js";

/** The sandbox can do everything but what needs people who log in. */
export class SandboxCapabilities implements ChatCapabilities {
  async look(): Promise<ServerLook> {
    const operations = Object.values(Operation).filter((value) => typeof value === "number");
    return {
      info: create(ServerInfoSchema, { connected: true, name: "Doorman's sandbox" }),
      capabilities: [
        ...ofEach(
          operations.filter((operation) => !NOT_DONE.has(operation)),
          ready("the sandbox lets Doorman do everything"),
        ),
        ...ofEach([Operation.REFRESH_AT_LOGIN], unsupported("nobody can log in to the sandbox")),
      ],
    };
  }
}

const NOT_DONE: ReadonlySet<Operation> = new Set([
  Operation.UNSPECIFIED,
  Operation.REFRESH_AT_LOGIN,
]);
