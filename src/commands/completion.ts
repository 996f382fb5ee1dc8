import { Argument, type Command } from "commander";
import { bashScript } from "./completion/bash.js";
import { commandTree } from "./completion/command-tree.js";
import { fishScript } from "./completion/fish.js";
import { zshScript } from "./completion/zsh.js";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Adds `doorman completion`, which prints a script that knows all commands of the program. */
export function addCompletionCommand(program: Command): void {
  program
    .command("completion")
    .description("print a script that completes doorman's commands and options in a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(SCRIPTS)))
    .addHelpText(
      "after",
      `
Examples:
  source <(doorman completion bash)                              in ~/.bashrc
  source <(doorman completion zsh)                               in ~/.zshrc, after compinit
  doorman completion fish > ~/.config/fish/completions/doorman.fish`,
    )
    .action((shell: keyof typeof SCRIPTS) => {
      process.stdout.write(SCRIPTS[shell](commandTree(program)));
    });
}
