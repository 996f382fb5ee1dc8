// The package's entry: what its users may import. The messages and enums are the generated code's.

export { Code } from "@connectrpc/connect";
export * from "../../gen/doorman/v1/error_pb.js";
export * from "../../gen/doorman/v1/hat_pb.js";
export * from "../../gen/doorman/v1/hat_service_pb.js";
export * from "../../gen/doorman/v1/invite_pb.js";
export * from "../../gen/doorman/v1/invite_service_pb.js";
export * from "../../gen/doorman/v1/room_pb.js";
export * from "../../gen/doorman/v1/room_service_pb.js";
export * from "../../gen/doorman/v1/roster_pb.js";
export * from "../../gen/doorman/v1/roster_service_pb.js";
export * from "../../gen/doorman/v1/server_pb.js";
export * from "../../gen/doorman/v1/server_service_pb.js";
export { createDoorman, type Doorman } from "./create-doorman.js";
export { DoormanError } from "./doorman-error.js";
export type { DoormanOptions } from "./doorman-transport.js";
