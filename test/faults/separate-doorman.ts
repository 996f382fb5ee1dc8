import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { openDatabase } from "../../src/database/database.js";
import { DEFAULT_GRANTS } from "../../src/keys/grants.js";
import { KeyStore } from "../../src/keys/key-store.js";
import { DoormanProcess } from "../support/doorman-process.js";
import { PATIENCE_MS } from "../support/patience.js";
import { configurationFor, type FaultStage, HOST } from "./fault-stage.js";
import type { MemoryReport } from "./memory-report.js";

const REPORTER = new URL("./memory-report.js", import.meta.url);

/**
 * Calls that were given up are held for ten seconds, by timers of Doorman's and of the XMPP library: up to
 * 8,000 objects were seen right after 200 calls, and 10 after these seconds.
 */
const TIMERS_END_MS = 12_000;

/** Is a Doorman in a process of its own, whose memory is nobody else's. */
export class SeparateDoorman {
  private constructor(
    private readonly process: DoormanProcess,
    private readonly folder: string,
    readonly key: string,
  ) {}

  static async start(stage: FaultStage): Promise<SeparateDoorman> {
    const folder = mkdtempSync(join(tmpdir(), "doorman-faults-"));
    const database = await openDatabase(folder);
    const keys = new KeyStore(database);
    const key = await keys.create(HOST, "a test's key", DEFAULT_GRANTS, undefined);
    await database.destroy();
    const file = join(folder, "doorman.yaml");
    writeFileSync(file, stringify(configurationFor(stage.server, stage)));
    const process = await DoormanProcess.serveWith(REPORTER, folder, "--config", file);
    return new SeparateDoorman(process, folder, key);
  }

  get url(): string {
    return this.process.url;
  }

  async untilReady(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await fetch(`${this.url}/readyz`)).ok) {
      if (Date.now() > deadline) throw new Error("Doorman is not ready");
      await sleep(50);
    }
  }

  /** Returns what is left in its memory when nothing is under way and the garbage is gone. */
  async memory(): Promise<MemoryReport> {
    await sleep(TIMERS_END_MS);
    return (await this.process.ask("memory")) as MemoryReport;
  }

  async stop(): Promise<void> {
    await this.process.stop("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
