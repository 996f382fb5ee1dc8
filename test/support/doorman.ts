import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { pino } from "pino";
import { type Configuration, configurationSchema } from "../../src/configuration/configuration.js";
import { urlOf } from "../../src/configuration/listen-address.js";
import { openDatabase } from "../../src/database/database.js";
import { DEFAULT_GRANTS, SANDBOX_GRANTS } from "../../src/keys/grants.js";
import { KeyStore } from "../../src/keys/key-store.js";
import { logOptions } from "../../src/log/open-log.js";
import { startDoormanServer } from "../../src/server/doorman-server.js";
import { PATIENCE_MS } from "./patience.js";

/** Is the configuration file's shape, for tests that start Doorman in their own process. */
export type ConfigurationInput = Parameters<typeof configurationSchema.parse>[0] & object;

/** Is a Doorman that a test started on a free loopback port with a data folder of its own. */
export class TestDoorman {
  private constructor(
    readonly url: string,
    readonly dataFolder: string,
    readonly keys: KeyStore,
    private readonly logLines: string[],
    private readonly stop: () => Promise<void>,
  ) {}

  /**
   * Starts the sandbox, or what the configuration says.
   * @param databaseOptions such as how long Doorman waits while its database is locked
   */
  static async start(
    configuration: ConfigurationInput = {},
    databaseOptions: Parameters<typeof openDatabase>[1] = {},
  ): Promise<TestDoorman> {
    const dataFolder = mkdtempSync(join(tmpdir(), "doorman-test-"));
    const logLines: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        logLines.push(String(chunk));
        done();
      },
    });
    const parsed: Configuration = configurationSchema.parse({
      listen: "127.0.0.1:0",
      log_level: "debug",
      ...configuration,
    });
    const database = await openDatabase(dataFolder, databaseOptions);
    const server = await startDoormanServer(
      parsed,
      database,
      pino(logOptions(parsed.log_level), sink),
    );
    return new TestDoorman(
      urlOf(server.address),
      dataFolder,
      new KeyStore(database),
      logLines,
      async () => {
        await server.close();
        await database.destroy();
        rmSync(dataFolder, { recursive: true, force: true });
      },
    );
  }

  /** Everything that was logged so far, a JSON object a line. */
  get log(): string {
    return this.logLines.join("");
  }

  /** Waits until Doorman is connected to its chat server. */
  async untilReady(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const response = await this.fetch("/readyz");
      if (response.ok) return;
      const { reason } = (await response.json()) as { reason: string };
      if (Date.now() > deadline) throw new Error(`Doorman is not ready: ${reason}\n${this.log}`);
      await sleep(50);
    }
  }

  /** Creates a key with the given grants, all of them by default. */
  createKey(host: string, grants: readonly string[] = [...DEFAULT_GRANTS, ...SANDBOX_GRANTS]) {
    return this.keys.create(host, "a test's key", grants, undefined);
  }

  /** Creates an invite by the documented curl call, and answers where it leads. */
  async createLink(key: string): Promise<string> {
    const created = await this.fetch(`/invites_api?key=${key}`);
    const location = created.headers.get("Location");
    if (created.status === 201 && location) return location;
    throw new Error(`/invites_api answered ${created.status}: ${await created.text()}`);
  }

  /** Makes a typed client that calls with a key over Connect, as generated SDKs do. */
  client<T extends DescService>(service: T, key: string): Client<T> {
    return createClient(service, this.transport(key));
  }

  /** Sends an HTTP request to a path, with the headers and body that a test chooses. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...init,
    });
  }

  /** Calls a method as Connect's JSON, as curl would: `rpc("RoomService/KickOccupant", key, {…})`. */
  rpc(method: string, key: string, message: unknown): Promise<Response> {
    return this.fetch(`/doorman.v1.${method}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify(message),
    });
  }

  private transport(key: string): Transport {
    return createConnectTransport({
      baseUrl: this.url,
      httpVersion: "1.1",
      defaultTimeoutMs: PATIENCE_MS,
      interceptors: [
        (next) => (request) => {
          request.header.set("Authorization", `Bearer ${key}`);
          return next(request);
        },
      ],
    });
  }

  close(): Promise<void> {
    return this.stop();
  }
}
