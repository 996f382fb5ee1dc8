import { type Command, InvalidArgumentError } from "commander";
import { type ListenAddress, parseListenAddress } from "../configuration/listen-address.js";
import { withCommonOptions } from "./common-options.js";

/** Adds `doorman serve`, the main job. */
export function addServeCommand(program: Command): void {
  const example = "doorman serve --config doorman.yaml --listen 127.0.0.1:5281";
  withCommonOptions(program.command("serve"), example)
    .description("serve gRPC, Connect and JSON over HTTP")
    .option(
      "--listen <host:port>",
      "where to listen, in place of the configured address",
      readListen,
    )
    .action(async (options) => {
      // The help is printed without loading the server.
      const { serve } = await import("./serve.js");
      await serve(options);
    });
}

function readListen(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address) return address;
  throw new InvalidArgumentError("Expected HOST:PORT such as 127.0.0.1:5280.");
}
