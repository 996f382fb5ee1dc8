import { execFileSync } from "node:child_process";
import {
  createFileRegistry,
  type DescEnum,
  type DescMessage,
  type DescService,
  fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const BUILD_TIMEOUT_MS = 60_000;
const MAX_DESCRIPTOR_BYTES = 64 * 1024 * 1024;

/** Is the contract as the references are generated from it, with its comments. */
export interface Contract {
  /** Those of doorman.v1 by name, then the sandbox's. */
  services: DescService[];
  /** Every message of the contract that is no request and no response, by name. */
  messages: DescMessage[];
  /** By name. */
  enums: DescEnum[];
}

/** Reads proto/ by `buf build`, which keeps the comments that generated code leaves out. */
export function readContract(): Contract {
  const descriptors = execFileSync("buf", ["build", "proto", "--output", "-#format=binpb"], {
    timeout: BUILD_TIMEOUT_MS,
    maxBuffer: MAX_DESCRIPTOR_BYTES,
  });
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
  const files = [...registry.files].filter(({ proto }) => proto.package.startsWith("doorman."));
  const services = files.flatMap((file) => file.services).sort(sandboxLast);
  const ofMethods = new Set(
    services.flatMap(({ methods }) => methods.flatMap(({ input, output }) => [input, output])),
  );
  return {
    services,
    messages: files
      .flatMap((file) => file.messages)
      .filter((message) => !ofMethods.has(message))
      .sort(byName),
    enums: files.flatMap((file) => file.enums).sort(byName),
  };
}

/** Whether a service is there to set a stage, and not served in front of a chat server. */
export function isOfSandbox(service: DescService): boolean {
  return service.file.proto.package.startsWith("doorman.sandbox.");
}

function sandboxLast(one: DescService, other: DescService): number {
  return Number(isOfSandbox(one)) - Number(isOfSandbox(other)) || byName(one, other);
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}
