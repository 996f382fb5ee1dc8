import { join } from "node:path";
import { sdkProgramSuite } from "../support/sdk-program.js";
import { sdkToolsAreThere } from "../support/sdk-tools-are-there.js";

const tools = [
  ["make", "--version"],
  ["protoc", "--version"],
  ["which", "grpc_cpp_plugin"],
  ["g++", "--version"],
  ["pkg-config", "--exists", "grpc++", "protobuf"],
];

if (sdkToolsAreThere("sdk/cpp", tools)) {
  sdkProgramSuite("cpp", (output) => ({ words: [join(output, "try_every_service")] })).run();
}
