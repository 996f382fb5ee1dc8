import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { pino } from "pino";
import * as assert from "uvu/assert";
import { SandboxService } from "../gen/doorman/sandbox/v1/sandbox_service_pb.js";
import { HatService } from "../gen/doorman/v1/hat_service_pb.js";
import { InviteService } from "../gen/doorman/v1/invite_service_pb.js";
import { RoomService } from "../gen/doorman/v1/room_service_pb.js";
import { RosterService } from "../gen/doorman/v1/roster_service_pb.js";
import type { OpenApiDocument } from "../src/docs/openapi-document.js";
import { grantOf } from "../src/keys/caller.js";
import { webRoutes } from "../src/server/web-routes.js";
import { TestDoorman } from "./support/doorman.js";
import { suite } from "./support/suite.js";

const SERVICES = [HatService, InviteService, RoomService, RosterService, SandboxService];
const FILE = new URL("../../gen/openapi.json", import.meta.url);
const text = readFileSync(FILE, "utf8");
const document = JSON.parse(text) as OpenApiDocument;

const contents = suite("gen/openapi.json");

contents("is OpenAPI 3.1 in which a linter finds nothing", async () => {
  assert.is(document.openapi, "3.1.0");
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source: text, absoluteRef: FILE.pathname, config });
  assert.equal(
    problems.map(
      ({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`,
    ),
    [],
  );
});

contents("has the package's version and licence", () => {
  const packageFile = new URL("../../package.json", import.meta.url);
  const { version, license } = JSON.parse(readFileSync(packageFile, "utf8"));
  assert.is(document.info.version, version);
  assert.is(document.info.license.identifier, license);
});

contents("has every method of the contract, with its grant", () => {
  const methods = SERVICES.flatMap((service) => service.methods);
  for (const method of methods.filter(({ methodKind }) => methodKind === "unary")) {
    const path = `/${method.parent.typeName}/${method.name}`;
    assert.is(document.paths[path]?.post?.["x-doorman-grant"], grantOf(method), path);
  }
});

/** The style of a page, and addresses that lead to the documented ones. */
const NOT_DOCUMENTED = ["/docs/style.css", "/", "/invite/"];

contents("has every route of the port, and nothing that is not there", () => {
  // Making the routes needs none of the dependencies; only answering does.
  const app = webRoutes({} as never, pino({ level: "silent" }));
  const routes = app.routes
    .filter(({ method, path }) => method !== "ALL" && !NOT_DOCUMENTED.includes(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const documented = Object.entries(document.paths)
    .filter(([path]) => !path.startsWith("/doorman."))
    .flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
  assert.equal(documented.sort(), [...new Set(routes)].sort());
});

contents.run();

const served = suite<{ doorman: TestDoorman }>("the served references");

served.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
});
served.after.each(async ({ doorman }) => doorman?.close());

served("answer the committed document at /openapi.json", async ({ doorman }) => {
  const response = await doorman.fetch("/openapi.json");
  assert.is(response.status, 200);
  assert.is(response.headers.get("Content-Type"), "application/json");
  assert.is(await response.text(), text);
});

served("say at /docs what key a call needs", async ({ doorman }) => {
  const page = await (await doorman.fetch("/docs")).text();
  const [, kick = ""] = page.split('<article id="RoomService_KickOccupant">');
  assert.match(
    kick.split("</article>")[0] ?? "",
    "Needs a key with the grant <code>rooms.kick</code>",
  );
  const [, health = ""] = page.split('<article id="healthz">');
  assert.match(health.split("</article>")[0] ?? "", "Needs no key.");
  assert.match(page, '<h3 id="key-bearer">bearer</h3>');
});

served("show every operation and schema at /docs, each with an anchor", async ({ doorman }) => {
  const page = await (await doorman.fetch("/docs")).text();
  for (const operations of Object.values(document.paths)) {
    for (const { operationId } of Object.values(operations)) {
      assert.ok(page.includes(`<article id="${operationId}">`), operationId);
    }
  }
  for (const name of Object.keys(document.components.schemas)) {
    assert.ok(page.includes(`<article id="schema-${name}">`), name);
  }
  assert.not.match(page, /\[object |undefined/);
});

served("have no link on the page that leads nowhere", async ({ doorman }) => {
  const page = await (await doorman.fetch("/docs")).text();
  const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
  const links = [...page.matchAll(/ href="#([^"]*)"/g)].map(([, id]) => id);
  assert.ok(links.length > 50);
  assert.equal(
    links.filter((id) => !ids.has(id)),
    [],
  );
});

served("load nothing from elsewhere and run no script", async ({ doorman }) => {
  const response = await doorman.fetch("/docs");
  const page = await response.text();
  assert.is(
    response.headers.get("Content-Security-Policy"),
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
  );
  assert.is(response.headers.get("X-Content-Type-Options"), "nosniff");
  assert.not.match(page, /<script|<style| style=| src=|href="https?:/);
  const [, style] = /<link rel="stylesheet" href="([^"]+)">/.exec(page) ?? [];
  const styleResponse = await doorman.fetch(style ?? "");
  assert.is(styleResponse.status, 200);
  assert.match(styleResponse.headers.get("Content-Type") ?? "", /^text\/css/);
});

served.run();
