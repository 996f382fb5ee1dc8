import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { TestDoorman } from "./support/doorman.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const CHROMIUM = "/usr/bin/chromium";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Context {
  pages: Server;
  origin: string;
  /** What the page's script is. */
  script: string;
  profile: string;
  doorman: TestDoorman | undefined;
}

const browser = suite<Context>("the TypeScript client in a browser");

browser.before.each(async (context) => {
  context.profile = mkdtempSync(join(tmpdir(), "doorman-chromium-"));
  context.pages = createServer((request, response) => {
    const path = normalize(request.url ?? "/");
    if (path === "/") return response.end(pageWith(context.script));
    const isScript = extname(path) === ".js";
    const file = join(ROOT, path);
    if (!isScript || !existsSync(file)) return response.writeHead(404).end();
    response.setHeader("Content-Type", "text/javascript").end(readFileSync(file));
  }).listen(0, "127.0.0.1");
  await once(context.pages, "listening");
  context.origin = `http://127.0.0.1:${(context.pages.address() as AddressInfo).port}`;
});
browser.after.each(async ({ pages, doorman, profile }) => {
  pages?.close();
  pages?.closeAllConnections();
  await doorman?.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

browser("calls Doorman from another origin that the configuration allows", async (context) => {
  context.doorman = await TestDoorman.start({ cors: { allow_origins: [context.origin] } });
  const key = await context.doorman.createKey("example.com");
  context.script = `
    const { rooms } = createDoorman({ baseUrl: "${context.doorman.url}", key: "${key}" });
    const { occupants } = await rooms.listOccupants({ roomJid: "snuggery@chat.example.org" });
    const missing = await rooms.listOccupants({ roomJid: "none@chat.example.org" }).catch((e) => e);
    return occupants.map(({ nickname }) => nickname).join() + " " + ErrorReason[missing.reason];`;
  assert.is(await visit(context), "Alice,Bob,Carol,Marie ROOM_NOT_FOUND");
});

browser("is kept out from an origin that is not allowed", async (context) => {
  context.doorman = await TestDoorman.start();
  const key = await context.doorman.createKey("example.com");
  context.script = `
    const { rooms } = createDoorman({ baseUrl: "${context.doorman.url}", key: "${key}" });
    await rooms.listOccupants({ roomJid: "snuggery@chat.example.org" });
    return "let in";`;
  assert.match(await visit(context), /unavailable/);
  // The browser asked whether it might, and went no further.
  assert.not.match(context.doorman.log, '"code":"ok"');
});

if (existsSync(CHROMIUM)) browser.run();
else if (process.env.CI) throw new Error("Chromium is missing: run scripts/install-servers");
else console.log("skipped: the TypeScript client in a browser (no Chromium here)");

/** Writes a page whose body becomes what the script returns, or the error's message. */
function pageWith(script: string): string {
  const modules = {
    "doorman-xmpp-client": "/client/dist/client/src/index.js",
    "@bufbuild/protobuf": "/node_modules/@bufbuild/protobuf/dist/esm/index.js",
    "@bufbuild/protobuf/codegenv2": "/node_modules/@bufbuild/protobuf/dist/esm/codegenv2/index.js",
    "@bufbuild/protobuf/reflect": "/node_modules/@bufbuild/protobuf/dist/esm/reflect/index.js",
    "@bufbuild/protobuf/wire": "/node_modules/@bufbuild/protobuf/dist/esm/wire/index.js",
    "@bufbuild/protobuf/wkt": "/node_modules/@bufbuild/protobuf/dist/esm/wkt/index.js",
    "@connectrpc/connect": "/node_modules/@connectrpc/connect/dist/esm/index.js",
    "@connectrpc/connect/": "/node_modules/@connectrpc/connect/dist/esm/",
    "@connectrpc/connect/protocol": "/node_modules/@connectrpc/connect/dist/esm/protocol/index.js",
    "@connectrpc/connect/protocol-connect":
      "/node_modules/@connectrpc/connect/dist/esm/protocol-connect/index.js",
    "@connectrpc/connect/protocol-grpc":
      "/node_modules/@connectrpc/connect/dist/esm/protocol-grpc/index.js",
    "@connectrpc/connect/protocol-grpc-web":
      "/node_modules/@connectrpc/connect/dist/esm/protocol-grpc-web/index.js",
    "@connectrpc/connect-web": "/node_modules/@connectrpc/connect-web/dist/esm/index.js",
  };
  return `<!doctype html><meta charset="utf-8"><title>test</title>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports: modules })}</script>
<body>waiting<script type="module">
import { createDoorman, ErrorReason } from "doorman-xmpp-client";
async function run() {${script}}
document.body.textContent = await run().catch((error) => String(error));
</script></body>`;
}

/** Opens the page and answers its text when its script is done. */
async function visit({ origin, profile }: Context): Promise<string> {
  const { stdout } = await promisify(execFile)(
    CHROMIUM,
    [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ...[`--user-data-dir=${profile}`, "--virtual-time-budget=20000", "--dump-dom", `${origin}/`],
    ],
    { timeout: PATIENCE_MS, killSignal: "SIGKILL" },
  );
  return /<body>([^<]*)/.exec(stdout)?.[1]?.trim() ?? stdout;
}
