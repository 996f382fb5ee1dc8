import { create } from "@bufbuild/protobuf";
import { Operation, ServerInfoSchema } from "../../../gen/doorman/v1/server_pb.js";
import { ofEach, ready } from "../capability.js";
import type { ChatCapabilities, ServerLook } from "../chat-capabilities.js";

/** The sandbox can do everything. */
export class SandboxCapabilities implements ChatCapabilities {
  async look(): Promise<ServerLook> {
    const operations = Object.values(Operation).filter((value) => typeof value === "number");
    return {
      info: create(ServerInfoSchema, { connected: true, name: "Doorman's sandbox" }),
      capabilities: ofEach(
        operations.filter((operation) => operation !== Operation.UNSPECIFIED),
        ready("the sandbox lets Doorman do everything"),
      ),
    };
  }
}
