import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigurationInput, TestDoorman } from "../support/doorman.js";
import type { RunningChatServer } from "../support/running-chat-server.js";
import { TcpProxy } from "../support/tcp-proxy.js";

export const HOST = "example.com";
export const MUC_DOMAIN = "chat.example.org";

/** Is a private chat server that can be made to fail in every way that the cases want. */
export interface FaultyServer extends RunningChatServer {
  readonly port: number;
  readonly adminJid: string;
  /** Where ejabberd's API is; undefined on other servers. */
  readonly apiUrl?: string;
  restart(): Promise<void>;
  halt(): Promise<void>;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
  /** Changes the password of Doorman's account. */
  changeAdminPassword(password: string): Promise<void>;
  /** Takes the MUC service of HOST out of the running server. */
  unloadRooms(): Promise<void>;
  /** Puts it back. */
  loadRooms(): Promise<void>;
}

/** Is a Doorman before such a server, with a connection that can be cut. */
export interface FaultStage {
  readonly server: FaultyServer;
  readonly proxy: TcpProxy;
  /** Lies before ejabberd's API; undefined on other servers. */
  readonly apiProxy: TcpProxy | undefined;
  readonly doorman: TestDoorman;
  /** A key of HOST with every grant. */
  readonly key: string;
  /** What Doorman reads its password from. */
  readonly passwordFile: string;
  close(): Promise<void>;
}

/** Is what a stage's Doorman can be configured with beside what names its server. */
export interface FaultSettings {
  max_outstanding?: number;
  /** Absent: HOST, whose rooms are on MUC_DOMAIN. */
  hosts?: Record<string, { muc?: string[] }>;
}

export async function startFaultStage(
  start: () => Promise<FaultyServer>,
  settings: FaultSettings = {},
): Promise<FaultStage> {
  const server = await start();
  const proxy = await TcpProxy.start(server.port);
  const apiPort = server.apiUrl && Number(new URL(server.apiUrl).port);
  const apiProxy = apiPort ? await TcpProxy.start(apiPort) : undefined;
  const folder = mkdtempSync(join(tmpdir(), "doorman-faults-"));
  const passwordFile = join(folder, "password.txt");
  writeFileSync(passwordFile, server.password("doorman"), { mode: 0o600 });
  // It would be stronger than the file.
  delete process.env.DOORMAN_XMPP_PASSWORD;
  const doorman = await TestDoorman.start(
    configurationFor(server, { proxy, apiProxy, passwordFile }, settings),
  );
  await doorman.untilReady();
  return {
    server,
    proxy,
    apiProxy,
    doorman,
    key: await doorman.createKey(HOST),
    passwordFile,
    async close() {
      await doorman.close();
      await proxy.close();
      await apiProxy?.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Is the configuration of a Doorman that reaches a server through proxies. */
export function configurationFor(
  server: FaultyServer,
  { proxy, apiProxy, passwordFile }: Pick<FaultStage, "proxy" | "apiProxy" | "passwordFile">,
  { hosts = { [HOST]: { muc: [MUC_DOMAIN] } }, ...settings }: FaultSettings = {},
): ConfigurationInput {
  return {
    hosts,
    xmpp: {
      service: `xmpp://127.0.0.1:${proxy.port}`,
      jid: server.adminJid,
      password_file: passwordFile,
      ...settings,
      ...(apiProxy && { ejabberd_api: `http://127.0.0.1:${apiProxy.port}/api` }),
    },
    invites: { issuer: "doorman" },
  };
}
