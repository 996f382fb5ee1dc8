import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { DoormanProcess, runDoorman } from "./support/doorman-process.js";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Context {
  folder: string;
  started: DoormanProcess[];
  /** Starts a server on the test's folder; it is killed when the test is over. */
  serve: () => Promise<DoormanProcess>;
}

const serve = suite<Context>("doorman serve");

serve.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  context.started = [];
  context.serve = async () => {
    const doorman = await DoormanProcess.serve(context.folder);
    context.started.push(doorman);
    return doorman;
  };
});
serve.after.each(async ({ folder, started }) => {
  for (const doorman of started) await doorman.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

serve(
  "prints a first key, and a curl call with it as a Bearer token that works",
  async (context) => {
    const { stdout, url, firstKey } = await context.serve();
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(firstKey ?? "", /^[\w-]{8}\/[\w-]{32}$/);
    const [, header = "", address = ""] = /^Try: curl -i -H '([^']+)' (\S+)$/m.exec(stdout) ?? [];
    assert.is(header, `Authorization: Bearer ${firstKey}`);
    assert.is(address, `${url}/invites_api`);
    assert.not.match(stdout, "?key=");
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const headers = { Authorization: header.replace("Authorization: ", "") };
    assert.is((await fetch(address, { headers, signal })).status, 201);
  },
);

serve("prints where the documentation is, which its root leads to", async (context) => {
  const { stdout, url } = await context.serve();
  assert.match(stdout, `\nDocumentation: ${url}/docs\n`);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const root = await fetch(url, { redirect: "manual", signal });
  assert.is(root.status, 302);
  assert.is(root.headers.get("Location"), "/docs");
  assert.match(await root.text(), "/docs");
  const page = await fetch(url, { signal });
  assert.is(page.url, `${url}/docs`);
  assert.match(page.headers.get("Content-Type") ?? "", "text/html");
});

serve("prints on a later start how to create a key, with the options given", async (context) => {
  const first = await context.serve();
  await first.stop("SIGTERM");
  const { stdout, url } = await context.serve();
  const create = `npx doorman keys create example.com --data ${context.folder}`;
  assert.match(stdout, `\nCreate a key: ${create}\n`);
  assert.match(stdout, `\nTry: curl -i -H 'Authorization: Bearer KEY' ${url}/invites_api\n`);
});

serve("says that it is the sandbox", async (context) => {
  assert.match((await context.serve()).stdout, /sandbox.*not a chat server/);
});

serve("prints no key when there is one already", async (context) => {
  const first = await context.serve();
  await first.stop("SIGKILL");
  const second = await context.serve();
  assert.is(second.firstKey, undefined);
  assert.not.match(second.stdout, first.firstKey ?? "");
  await second.rpc("InviteService/ListInvites", first.firstKey ?? "", {});
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  serve(`ends with status 0 at ${signal}, an idle connection open`, async (context) => {
    const doorman = await context.serve();
    // fetch keeps its connection for the next call.
    await doorman.rpc("InviteService/ListInvites", doorman.firstKey ?? "", {});
    assert.is(await doorman.stop(signal), 0);
  });
}

serve("ends with status 0 when SIGTERM reaches the npm start that started it", async (context) => {
  // Without the build before it: other tests run what it would write.
  const command = ["npm", "--silent", "--prefix", ROOT, "start", "--ignore-scripts", "--"];
  const doorman = await DoormanProcess.serveBy(command, context.folder);
  context.started.push(doorman);
  assert.is(await doorman.stop("SIGTERM"), 0);
  const answer = fetch(`${doorman.url}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const error = await answer.then(
    () => undefined,
    (cause) => cause,
  );
  assert.is(error?.cause?.code, "ECONNREFUSED");
});

serve("ends with status 0 though a client is connected and says nothing", async (context) => {
  const doorman = await context.serve();
  await doorman.rpc("InviteService/ListInvites", doorman.firstKey ?? "", {});
  const { hostname, port } = new URL(doorman.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  assert.is(await doorman.stop("SIGTERM"), 0);
  socket.destroy();
});

serve("says which port is taken and what to do, and ends with status 1", async ({ folder }) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const listen = `127.0.0.1:${port}`;
  const outcome = await runDoorman("serve", "--data", folder, "--listen", listen);
  other.close();
  assert.is(outcome.status, 1);
  assert.is(outcome.stdout, "");
  assert.match(outcome.stderr, new RegExp(`^Error: .*port ${port}.* taken.*--listen`, "m"));
  assert.not.match(outcome.stderr, /^ +at /m);
});

for (const listen of ["nonsense", "127.0.0.1", "127.0.0.1:99999", ":5280", "::1:5280", ""]) {
  serve(`refuses --listen "${listen}" with status 2`, async ({ folder }) => {
    const { status, stderr } = await runDoorman("serve", "--data", folder, `--listen=${listen}`);
    assert.is(status, 2);
    assert.match(stderr, /--listen.*HOST:PORT/);
  });
}

serve("refuses an address that the machine does not have with status 1", async ({ folder }) => {
  // TEST-NET-1 of RFC 5737 is nobody's.
  const parameters = ["--data", folder, "--listen", "192.0.2.1:5280"];
  const { status, stderr } = await runDoorman("serve", ...parameters);
  assert.is(status, 1);
  assert.match(stderr, /^Error: .*192\.0\.2\.1.*--listen/m);
  // What was logged last before the failure.
  assert.match(stderr, /"msg":"the sandbox can be reached from other machines/);
});

serve("prints what is wrong with the configuration and ends with status 1", async ({ folder }) => {
  const file = join(folder, "doorman.yaml");
  writeFileSync(file, "listen: 127.0.0.1:0\nlisen: 127.0.0.1:0\n");
  const { status, stdout, stderr } = await runDoorman("serve", "--config", file);
  assert.is(status, 1);
  assert.is(stdout, "");
  assert.match(stderr, `${file}:2: lisen: `);
  assert.not.match(stderr, /^ +at /m);
});

serve("says which data folder it cannot use, and ends with status 1", async ({ folder }) => {
  const file = join(folder, "a-file");
  writeFileSync(file, "");
  const parameters = ["--data", file, "--listen", "127.0.0.1:0"];
  const { status, stderr } = await runDoorman("serve", ...parameters);
  assert.is(status, 1);
  assert.match(stderr, /^Error: .*a-file/m);
  assert.not.match(stderr, /^ +at /m);
});

serve.run();
