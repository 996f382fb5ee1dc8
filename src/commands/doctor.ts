import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { Command } from "commander";
import {
  type GetCapabilitiesResponse,
  GetCapabilitiesResponseSchema,
} from "../../client/src/index.js";
import { type ApiOptions, withApiOptions } from "./api-options.js";
import { call, exitStatusOf } from "./call.js";
import { configOption } from "./common-options.js";
import { reportOf, statusOf } from "./doctor-report.js";
import { printFailure } from "./exit-status.js";
import { print } from "./output.js";

const TIMEOUT_MS = 30_000;

/** Adds `doorman doctor`. */
export function addDoctorCommand(program: Command): void {
  const doctor = program
    .command("doctor")
    .description(
      "say for each operation whether it works, why not, and what to add to which configuration file",
    )
    .argument("[host]", "the host to look at (without one: the key's, or all that are configured)")
    .addOption(configOption("log in from here with this configuration; Doorman need not run"));
  const examples = ["doorman doctor --config doorman.yaml", "doorman doctor --json"];
  withApiOptions(doctor, ...examples).action(
    async (host: string | undefined, options: DoctorOptions) => {
      const isUrlNamed = doctor.getOptionValueSource("url") === "cli";
      const isConfigNamed = doctor.getOptionValueSource("config") === "cli";
      if (isUrlNamed && isConfigNamed) {
        doctor.error(
          "error: --url asks a running Doorman, and --config logs in without one: give one of them",
        );
      }
      // An option wins over the environment.
      if (options.config === undefined || isUrlNamed) {
        await call(options, async ({ server }) => {
          report(options, [await server.getCapabilities({ host: host ?? "" })]);
        });
        return;
      }
      await withoutDoorman(options.config, host, options);
    },
  );
}

type DoctorOptions = ApiOptions & { config?: string };

/** Connects to the chat server as `doorman serve` would, and says what it lets Doorman do. */
async function withoutDoorman(
  config: string,
  host: string | undefined,
  options: DoctorOptions,
): Promise<void> {
  // Loading the server takes longer than a call.
  const { lookFromHere } = await import("./look-from-here.js");
  try {
    report(options, await lookFromHere(config, host, options.timeout ?? TIMEOUT_MS));
    // The XMPP library's timers may outlive its connection by some seconds.
    process.exit();
  } catch (error) {
    const { DoormanError } = await import("../errors/doorman-error.js");
    if (!(error instanceof DoormanError)) throw error;
    const { codeOfError } = await import("../errors/code-of-error.js");
    const code = codeOfError(error);
    printFailure(error.message, options.json === true, codeToString(code));
    process.exitCode = exitStatusOf(code);
  }
}

function report(options: DoctorOptions, looks: GetCapabilitiesResponse[]): void {
  for (const look of looks) print(options, GetCapabilitiesResponseSchema, look, reportOf);
  process.exitCode = statusOf(looks);
}
