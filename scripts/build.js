// Compiles what has changed: `npm run build`. It is JavaScript because it runs before anything is compiled.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The folders that the compiler writes. The sources are in folders of the same names in the root. */
const COMPILED = ["client", "gen", "scripts", "src", "test"].map((name) => ["dist", name]);
const COMPILED_FOR_CLIENT = ["client", "gen"].map((name) => ["client/dist", name]);
const BUILD_INFORMATION = join(ROOT, "dist/tsconfig.tsbuildinfo");
/** What npm writes when it has installed packages. */
const INSTALLED = join(ROOT, "node_modules/.package-lock.json");

for (const [output, folder] of [...COMPILED, ...COMPILED_FOR_CLIENT]) removeStale(output, folder);
const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
const options = packagesHaveChanged() ? ["--force"] : [];
// One after the other: the tests use the client's package as it was built, and the compiler builds projects
// that do not refer to each other at the same time.
process.exitCode = compile("client") || compile("tsconfig.json");

function compile(project) {
  const { status } = spawnSync(process.execPath, [compiler, "--build", ...options, project], {
    cwd: ROOT,
    stdio: "inherit",
  });
  return status ?? 1;
}

/** Removes what was compiled from files that are gone, which the compiler leaves behind. */
function removeStale(output, folder) {
  const compiled = join(ROOT, output, folder);
  if (!existsSync(compiled)) return;
  for (const file of readdirSync(compiled, { recursive: true })) {
    const [, name] = /^(.+?)(?:\.d\.ts|\.js|\.js\.map)$/.exec(file) ?? [];
    const isStale = name !== undefined && !existsSync(join(ROOT, folder, `${name}.ts`));
    if (isStale) rmSync(join(compiled, file));
  }
}

/** The compiler does not look for changes in packages while no source has changed. */
function packagesHaveChanged() {
  if (!existsSync(BUILD_INFORMATION) || !existsSync(INSTALLED)) return false;
  return statSync(INSTALLED).mtimeMs > statSync(BUILD_INFORMATION).mtimeMs;
}
