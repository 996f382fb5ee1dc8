import { fileURLToPath } from "node:url";
import { sdkProgramSuite } from "../support/sdk-program.js";
import { sdkToolsAreThere } from "../support/sdk-tools-are-there.js";

/** Debian's own: another python3 on the PATH would not find Debian's python3-grpcio. */
const PYTHON = "/usr/bin/python3";
const PROGRAM = fileURLToPath(new URL("../../../sdk/python/try_every_service.py", import.meta.url));

const tools = [
  ["make", "--version"],
  ["protoc", "--version"],
  ["which", "grpc_python_plugin"],
  [PYTHON, "-c", "import grpc, google.protobuf"],
];

if (sdkToolsAreThere("sdk/python", tools)) {
  sdkProgramSuite("python", (output) => ({
    // -B: leaves no compiled files beside the program.
    words: [PYTHON, "-B", PROGRAM],
    environment: { PYTHONPATH: output },
  })).run();
}
