import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { PATIENCE_MS } from "./support/patience.js";
import { suite } from "./support/suite.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const templates = readdirSync(join(root, "sdk")).filter((file) => file.endsWith(".yaml"));

const sdkTemplates = suite<{ folder: string }>("a template in sdk/");

sdkTemplates.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
});
sdkTemplates.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

for (const template of templates) {
  sdkTemplates(`is in the README and accepted by buf: ${template}`, async ({ folder }) => {
    const command = `npx buf generate --template sdk/${template}\n`;
    assert.match(readFileSync(join(root, "sdk/README.md"), "utf8"), command);
    assert.match(
      await generateFromNothing(folder, join(root, "sdk", template)),
      /no \.proto files/,
    );
  });
}

sdkTemplates("is refused by buf when it has a mistake", async ({ folder }) => {
  const template = join(folder, "template.yaml");
  writeFileSync(template, "version: v2\nplugin: []\n");
  assert.match(await generateFromNothing(folder, template), /field plugin not found/);
});

sdkTemplates("is there for each language that has no Makefile", () => {
  const languages = ["csharp", "go", "java", "kotlin", "rust", "swift"];
  assert.equal(
    templates.sort(),
    languages.map((language) => `buf.gen.${language}.yaml`),
  );
});

sdkTemplates.run();

/** Answers buf's complaint: without input it reads the template and calls no remote plugin. */
async function generateFromNothing(folder: string, template: string): Promise<string> {
  writeFileSync(join(folder, "buf.yaml"), "version: v2\n");
  const buf = join(root, "node_modules/.bin/buf");
  const parameters = ["generate", folder, "--template", template, "--output", folder];
  return promisify(execFile)(buf, parameters, { timeout: PATIENCE_MS }).then(
    () => "",
    (error: { stderr: string }) => error.stderr,
  );
}
