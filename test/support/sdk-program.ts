import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { type CommandOutcome, DoormanProcess } from "./doorman-process.js";
import { everyMethod } from "./every-method.js";
import { PATIENCE_MS } from "./patience.js";
import { suite } from "./suite.js";
import { writeCertificate } from "./write-certificate.js";

const SDK = fileURLToPath(new URL("../../../sdk", import.meta.url));
const BUILD_TIMEOUT_MS = 1_200_000;

interface Context {
  folder: string;
  doorman: DoormanProcess;
  key: string;
  /** Host and port, in clear text and with TLS. */
  clearText: string;
  withTls: string;
}

/**
 * Makes the suite of a program in sdk/ that calls every method. `make` generates its code into a
 * temporary folder, once; `command` answers what starts the program, and what else it finds in its
 * environment, for that folder.
 */
export function sdkProgramSuite(
  language: string,
  command: (output: string) => { words: string[]; environment?: Record<string, string> },
): { run(): void } {
  const output = mkdtempSync(join(tmpdir(), "doorman-test-"));
  process.on("exit", () => rmSync(output, { recursive: true, force: true }));
  let built: Promise<unknown> | undefined;

  const program = suite<Context>(`sdk/${language}`);

  program.before.each(async (context) => {
    built ??= promisify(execFile)("make", ["-C", join(SDK, language), "-j2", `OUT=${output}`], {
      timeout: BUILD_TIMEOUT_MS,
    });
    await built;
    context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
    writeCertificate(context.folder);
    const configuration = join(context.folder, "doorman.yaml");
    writeFileSync(configuration, "tls: { listen: 127.0.0.1:0, cert: cert.pem, key: key.pem }\n");
    context.doorman = await DoormanProcess.serve(context.folder, "--config", configuration);
    context.key = context.doorman.firstKey ?? "";
    context.clearText = new URL(context.doorman.url).host;
    const [, port] = /with TLS on 127\.0\.0\.1:(\d+)/.exec(context.doorman.stdout) ?? [];
    context.withTls = `localhost:${port}`;
  });
  program.after.each(async ({ folder, doorman }) => {
    await doorman?.stop("SIGKILL");
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  program("calls every method in clear text", async ({ clearText, key }) => {
    await assertCallsEveryMethod(await run(key, clearText));
  });

  program("calls every method over TLS", async ({ folder, withTls, key }) => {
    await assertCallsEveryMethod(await run(key, withTls, join(folder, "cert.pem")));
  });

  program("reads the typed reason of a refused key, and fails", async ({ clearText }) => {
    const { status, stdout } = await run("unknown/key", clearText);
    assert.match(stdout, "doorman.sandbox.v1.SandboxService/Reset ERROR_REASON_KEY_INVALID\n");
    assert.is(status, 1);
  });

  program("fails when the certificate is not to be trusted", async ({ folder, withTls, key }) => {
    const other = join(folder, "other");
    mkdirSync(other);
    writeCertificate(other);
    const { status, stdout } = await run(key, withTls, join(other, "cert.pem"));
    assert.not.match(stdout, " OK\n");
    assert.is(status, 1);
  });

  return program;

  function run(key: string, ...parameters: string[]): Promise<CommandOutcome> {
    const { words, environment } = command(output);
    const [file = "", ...first] = words;
    return new Promise((resolve) => {
      const child = execFile(
        file,
        [...first, ...parameters],
        {
          // Nothing else: gRPC would go through a proxy that the environment names.
          env: { PATH: process.env.PATH, DOORMAN_KEY: key, ...environment },
          timeout: PATIENCE_MS,
          killSignal: "SIGKILL",
        },
        (_error, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
  }
}

async function assertCallsEveryMethod({ status, stdout, stderr }: CommandOutcome): Promise<void> {
  assert.is(status, 0, stdout + stderr);
  const called = [...stdout.matchAll(/^(\S+) OK$/gm)].map(([, name]) => name);
  const expected = ["grpc.health.v1.Health/Check", ...(await everyMethod())];
  assert.equal([...new Set(called)].sort(), expected.sort());
  assert.match(stdout, "doorman.v1.RoomService/KickOccupant ERROR_REASON_ROOM_NOT_FOUND\n");
}
