import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { run } from "./support/run-command.js";
import { suite } from "./support/suite.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Context {
  /** A project that is built as Doorman is, and has three files. */
  folder: string;
}

const build = suite<Context>("npm run build");

build.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "doorman-test-"));
  const settings = ["package.json", "tsconfig.json", "client/tsconfig.json", "scripts/build.js"];
  for (const name of settings) cpSync(join(ROOT, name), join(context.folder, name));
  symlinkSync(join(ROOT, "node_modules"), join(context.folder, "node_modules"));
  write(context, "src/kept.ts", "export const kept: number = 1;\n");
  write(context, "test/gone.test.ts", "export const gone: number = 2;\n");
  write(context, "client/src/index.ts", "export const client: number = 3;\n");
});
build.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

build("removes what was compiled from a file that is gone", async (context) => {
  assert.is((await compile(context)).status, 0);
  const { folder } = context;
  for (const name of ["dist/test/gone.test.js", "client/dist/client/src/index.js"]) {
    assert.ok(existsSync(join(folder, name)), name);
  }
  rmSync(join(folder, "test/gone.test.ts"));
  assert.is((await compile(context)).status, 0);
  assert.not.ok(existsSync(join(folder, "dist/test/gone.test.js")));
  assert.not.ok(existsSync(join(folder, "dist/test/gone.test.js.map")));
  assert.ok(existsSync(join(folder, "dist/src/kept.js")));
});

build("builds the client before the tests that use it, in a new clone", async (context) => {
  const test = `import { client } from "../client/dist/client/src/index.js";
export const used: number = client;
`;
  write(context, "test/uses-client.test.ts", test);
  const { status, stdout } = await compile(context);
  assert.is(status, 0, stdout);
});

build(
  "writes nothing when nothing has changed, and what has changed otherwise",
  async (context) => {
    const compiled = join(context.folder, "dist/src/kept.js");
    const untouched = join(context.folder, "dist/test/gone.test.js");
    assert.is((await compile(context)).status, 0);
    const before = [compiled, untouched].map((file) => statSync(file).mtimeMs);
    assert.is((await compile(context)).status, 0);
    assert.equal(
      [compiled, untouched].map((file) => statSync(file).mtimeMs),
      before,
    );

    write(context, "src/kept.ts", "export const kept: number = 4;\n");
    assert.is((await compile(context)).status, 0);
    assert.ok(statSync(compiled).mtimeMs > (before[0] ?? 0));
    assert.is(statSync(untouched).mtimeMs, before[1]);
  },
);

build("fails for a type error, and again while it is not corrected", async (context) => {
  write(context, "src/kept.ts", 'export const kept: number = "no number";\n');
  for (const _time of ["first", "second"]) {
    const { status, stdout } = await compile(context);
    assert.is.not(status, 0);
    assert.match(stdout, "src/kept.ts");
  }
});

build.run();

function write({ folder }: Context, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function compile({ folder }: Context) {
  return run(process.execPath, [join(folder, "scripts/build.js")], { cwd: folder });
}
