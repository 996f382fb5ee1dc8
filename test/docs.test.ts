import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { readConfiguration } from "../src/configuration/configuration-file.js";
import { CHAT_CLIENTS } from "../src/invites/pages/chat-clients.js";
import { DocumentedAnswers } from "./support/docs/documented-answer.js";
import { type Block, markdownBlocks } from "./support/docs/markdown-blocks.js";
import { runShell } from "./support/docs/shell.js";
import { TestDoorman } from "./support/doorman.js";
import { DoormanProcess } from "./support/doorman-process.js";
import { suite } from "./support/suite.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = join(ROOT, "dist/src/main.js");
const DOCUMENTED_URL = "http://127.0.0.1:5280";
/** curl ends with 0 whatever the status is. */
const FAILING_CURL = 'curl() { command curl --fail --silent --show-error "$@"; }';
/** npx takes seconds, and would ask npm's registry if it found nothing here. */
const NPX = `npx() { [[ $1 == doorman ]] && node '${MAIN}' "\${@:2}"; }`;

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const curlBlocks = markdownBlocks(read("docs/curl.md"));

interface Context {
  doorman: TestDoorman;
  folder: string;
  key: string;
}

const docs = suite<Context>("the documents");

docs.before.each(async (context) => {
  context.doorman = await TestDoorman.start();
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  context.key = await context.doorman.createKey("example.com");
});
docs.after.each(async ({ doorman, folder }) => {
  await doorman?.close();
  rmSync(folder, { recursive: true, force: true });
});

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
if (!hasCurl && !process.env.CI) {
  console.log("skipped: the curl calls of README.md and docs/curl.md (there is no curl)");
} else {
  docs("show in docs/curl.md what each call answers, in its order", async (context) => {
    const { doorman, folder, key } = context;
    const answers = new DocumentedAnswers();
    const localhostKey = await doorman.createKey("localhost");
    const faults: string[] = [];
    let calls = 0;
    for (const [index, block] of curlBlocks.entries()) {
      if (!isCall(block)) continue;
      calls += 1;
      const { status, stdout, stderr } = await runShell(inTest(block, doorman), folder, {
        KEY: key,
        LOCALHOST_KEY: localhostKey,
        TOKEN: answers.token ?? "",
      });
      const expected = curlBlocks[index + 1];
      const found =
        status === 0 && expected && !isCall(expected)
          ? answerFaults(answers, expected, stdout.replaceAll(doorman.url, DOCUMENTED_URL))
          : [`curl ended with ${status}, or no answer follows: ${stderr}`];
      faults.push(...found.map((fault) => `docs/curl.md:${block.line}: ${fault}`));
    }
    assert.is(faults.join("\n"), "");
    assert.ok(calls >= 30, `${calls} calls`);
  });

  docs(
    "let README.md be pasted from top to bottom, and every command succeeds",
    async (context) => {
      const { folder } = context;
      const [start, ...others] = markdownBlocks(read("README.md")).filter(
        ({ language }) => language === "sh",
      );
      assert.is(start?.text, "npm ci && npm start\n", "what starts the sandbox comes first, alone");
      // As that does, in the folder in which the rest is pasted.
      const sandbox = await DoormanProcess.serve(join(folder, "data"));
      try {
        // Where node looks for the client's package.
        symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
        const paste = others
          .map(({ text }) => text.replaceAll(DOCUMENTED_URL, sandbox.url))
          .join("");
        const script = `${FAILING_CURL}\n${NPX}\n${paste}`;
        const environment = { DOORMAN_URL: sandbox.url, DOORMAN_CONFIG: "", DOORMAN_DATA: "" };
        const { status, stdout, stderr } = await runShell(script, folder, environment);
        assert.is(status, 0, `${stdout}\n${stderr}`);
        // What the parts have printed, in their order.
        const parts = [
          'updated":2',
          "'Alice', 'Carol', 'Marie'",
          "Marie has left",
          "Carol left",
          "My test key",
        ];
        const places = parts.map((part) => stdout.indexOf(part));
        assert.ok(
          places.every((place, index) => place > (places[index - 1] ?? -1)),
          stdout,
        );
      } finally {
        await sandbox.stop("SIGKILL");
      }
    },
  );
}

docs("have every method of the contract in docs/curl.md", () => {
  const { paths } = JSON.parse(read("gen/openapi.json")) as { paths: object };
  const text = read("docs/curl.md");
  for (const path of Object.keys(paths)) {
    assert.ok(text.includes(`${DOCUMENTED_URL}${path.replace("{username}", "john")}`), path);
  }
});

for (const page of ["docs/operating.md", "docs/invite-pages.md"]) {
  const blocks = markdownBlocks(read(page));
  for (const block of blocks.filter(({ language }) => language === "yaml")) {
    docs(`show a valid configuration: ${page}:${block.line}`, ({ folder }) => {
      const file = join(folder, "doorman.yaml");
      writeFileSync(file, block.text);
      readConfiguration(file);
    });
  }
}

docs("have links in README.md and docs/operating.md to files and headings that exist", () => {
  for (const file of ["README.md", "docs/operating.md"]) {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    assert.ok(links.length > 8);
    for (const [link, path = "", anchor] of links) {
      const target = path === "" ? file : join(dirname(file), path);
      assert.ok(existsSync(join(ROOT, target)), `${file}: ${link}`);
      if (anchor === undefined) continue;
      const anchors = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .replaceAll(" ", "-"),
      );
      assert.ok(anchors.includes(anchor), `${file}: ${link}`);
    }
  }
});

docs("have an example of the configuration that is one", () => {
  readConfiguration(join(ROOT, "doorman.example.yaml"));
});

docs("name every app that the pages of invites can offer", ({ folder }) => {
  const example = read("doorman.example.yaml");
  // Its commented settings of the pages are a configuration too.
  const pages = example.slice(example.indexOf("# pages:")).replace(/^# /gm, "");
  const file = join(folder, "doorman.yaml");
  writeFileSync(file, pages);
  assert.is(readConfiguration(file).pages.site_name, "Example Chat");
  for (const { name } of CHAT_CLIENTS) {
    assert.match(example, name);
    assert.match(read("docs/invite-pages.md"), name);
  }
});

function isCall({ language, text }: Block): boolean {
  return language === "sh" && /^[^#\n]*\bcurl /m.test(text);
}

/** Makes a block speak to the test's own Doorman. */
function inTest({ text }: Block, { url, dataFolder }: TestDoorman): string {
  const doorman = `node '${MAIN}' "\${@:2}" --data '${dataFolder}'`;
  const npx = text.includes("npx doorman") ? `npx() { ${doorman}; }\n` : "";
  return npx + text.replaceAll(DOCUMENTED_URL, url);
}

function answerFaults(answers: DocumentedAnswers, expected: Block, actual: string): string[] {
  if (expected.language === "json") return answers.jsonFaults(expected.text, actual);
  if (expected.text.startsWith("HTTP/")) return answers.httpFaults(expected.text, actual);
  return answers.textFaults(expected.text, actual);
}

docs.run();
