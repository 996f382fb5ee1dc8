import pMap from "p-map";
import * as assert from "uvu/assert";
import { doorman, run } from "./support/run-command.js";
import { suite } from "./support/suite.js";

const AT_ONCE = 2;

const help = suite("the command line's help");

help("of every command has an example", async () => {
  const helps = await allHelps();
  assert.ok(helps.length > 20, helps.map(({ path }) => path).join(", "));
  const without = helps.filter(({ path, text }) => !exampleOf(path).test(text));
  assert.equal(
    without.map(({ path }) => path),
    [],
  );
});

help("of every command that takes a room names it first", async () => {
  const usages = (await allHelps())
    .map(({ text }) => /^Usage: (.*)$/m.exec(text)?.[1] ?? "")
    .filter((usage) => usage.includes("<room>"));
  assert.ok(usages.length >= 8, usages.join("\n"));
  for (const usage of usages) assert.match(usage, /^doorman( [a-z]+)+ \[options\] <room>/);
});

help("of what calls a Doorman has the exit statuses and where the key goes", async () => {
  const leaves = ["invite create", "kick", "occupants", "roster refresh", "hat set"];
  for (const leaf of leaves) {
    const { stdout } = await doorman([...leaf.split(" "), "--help"]);
    for (const what of [/^ {2}0 {2}done/m, "DOORMAN_URL", "--key-file", "DOORMAN_KEY", "--json"]) {
      assert.match(stdout, what);
    }
    assert.not.match(stdout, /--key /);
  }
});

help("has the same exit statuses everywhere", async () => {
  const statusesOf = (text: string) => /^Exit status:\n(?: {2}\d {2}.*\n)+/m.exec(text)?.[0];
  const helps = (await allHelps()).filter(({ path }) => path !== "doorman completion");
  const [first = "", ...others] = new Set(helps.map(({ text }) => statusesOf(text) ?? ""));
  assert.equal(others, []);
  for (const status of ["2  wrong usage", "3  not found", "6  some or all"]) {
    assert.match(first, status);
  }
});

help("of each command with --config or --data names the variable in its place", async () => {
  const helps = await allHelps();
  for (const name of ["config", "data"]) {
    const those = helps.filter(({ text }) => new RegExp(`^ {2}--${name} `, "m").test(text));
    assert.ok(those.length >= 4, those.map(({ path }) => path).join(", "));
    for (const { path, text } of those) assert.match(text, `DOORMAN_${name.toUpperCase()}`, path);
  }
});

help.run();

const completion = suite("doorman completion");

completion("bash completes commands, options and values", async () => {
  const cases: [string[], string[]][] = [
    [["doorman", "inv"], ["invite"]],
    [
      ["doorman", "invite", ""],
      ["create", "show", "redemptions", "list", "resend", "redeem", "revoke", "help"],
    ],
    [
      ["doorman", "roster", "re"],
      ["remove", "replace", "refresh"],
    ],
    [["doorman", "kick", "room@chat.example.org", "Bob", "--re"], ["--reason"]],
    [["doorman", "invite", "create", "--key"], ["--key-file"]],
    [["doorman", "keys", "create", "--gr"], ["--grant"]],
    [
      ["doorman", "roster", "set", "--subscription", ""],
      ["none", "to", "from", "both"],
    ],
    [
      ["doorman", "completion", ""],
      ["bash", "zsh", "fish"],
    ],
    // Nothing of its own: bash then offers files.
    [["doorman", "invite", "create", "--key-file", ""], []],
    [["doorman", "hat", "set", "room@conference.localhost", "user@localhost", ""], []],
    // A room that is called like a command is no command.
    [["doorman", "kick", "roster", "re"], []],
  ];
  const script = (await doorman(["completion", "bash"])).stdout;
  for (const [words, wanted] of cases) {
    assert.equal(await complete(script, words), wanted, words.join(" "));
  }
});

completion("knows every command and option in each shell", async () => {
  const helps = await allHelps();
  for (const shell of ["bash", "zsh", "fish"]) {
    const { status, stdout } = await doorman(["completion", shell]);
    assert.is(status, 0);
    for (const { path } of helps) assert.match(stdout, path);
    for (const option of ["key-file", "subscription", "dry-run", "config"]) {
      assert.match(stdout, option);
    }
  }
});

completion.run();

let helpsRead: ReturnType<typeof readHelps> | undefined;

/** Returns the help of every command, read once for all cases. */
function allHelps(): ReturnType<typeof readHelps> {
  helpsRead ??= readHelps();
  return helpsRead;
}

/** Reads the help of a command and of all below it, which it lists. */
async function readHelps(path = "doorman"): Promise<{ path: string; text: string }[]> {
  const { status, stdout, stderr } = await doorman([...path.split(" ").slice(1), "--help"]);
  assert.is(status, 0, stderr);
  const isGroup = /^Usage: .* \[command\]$/m.test(stdout);
  // An indented word, its arguments, at least two spaces, its description; options begin with a dash.
  const names = [...stdout.matchAll(/^ {2}([a-z]+)(?: [[<]\S+)* {2,}\S/gm)]
    .map(([, name]) => name ?? "")
    .filter((name) => isGroup && name !== "help");
  const below = await pMap(names, (name) => readHelps(`${path} ${name}`), { concurrency: AT_ONCE });
  return [{ path, text: stdout }, ...below.flat()];
}

function exampleOf(path: string): RegExp {
  return new RegExp(`^Examples?:\\n(?:.*\\n)*? {2}.*\\b${path}\\b`, "m");
}

/** Asks bash what it would offer after these words. */
async function complete(script: string, words: string[]): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const program = `${script}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _doorman
[[ \${#COMPREPLY[@]} == 0 ]] || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = await run("bash", ["--norc", "-c", program]);
  assert.is(status, 0, stderr);
  assert.is(stderr, "");
  return stdout.split("\n").filter(Boolean);
}
