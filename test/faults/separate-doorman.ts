import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { openDatabase } from "../../src/database/database.js";
import { DEFAULT_GRANTS } from "../../src/keys/grants.js";
import { KeyStore } from "../../src/keys/key-store.js";
import { DoormanProcess } from "../support/doorman-process.js";
import { configurationFor, type FaultStage, HOST } from "./fault-stage.js";

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
    const process = await DoormanProcess.serve(folder, "--config", file);
    return new SeparateDoorman(process, folder, key);
  }

  get url(): string {
    return this.process.url;
  }

  async untilReady(): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (!(await fetch(`${this.url}/readyz`)).ok) {
      if (Date.now() > deadline) throw new Error("Doorman is not ready within 15 s");
      await sleep(50);
    }
  }

  /** Answers the least of its resident memory within some seconds, in bytes: garbage is collected at times only. */
  async residentBytes(): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let looks = 0; looks < 5; looks++) {
      least = Math.min(least, this.process.residentBytes);
      await sleep(100);
    }
    return least;
  }

  async stop(): Promise<void> {
    await this.process.stop("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
