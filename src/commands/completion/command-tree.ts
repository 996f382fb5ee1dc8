import type { Command } from "commander";

/** A command as a shell's completion needs it. */
export interface CommandNode {
  /** From the program on, such as "doorman invite create". */
  path: string;
  subcommands: { name: string; description: string }[];
  options: CompletedOption[];
  /** The words that the command takes as its first argument; empty when it takes any. */
  choices: readonly string[];
}

/** An option as a shell's completion needs it. */
export interface CompletedOption {
  /** With its dashes, such as "--key-file". */
  flag: string;
  description: string;
  takesValue: boolean;
  /** The values that it takes; empty when it takes any. */
  choices: readonly string[];
}

/** Lists a program and all commands below it. */
export function commandTree(command: Command, parentPath = ""): CommandNode[] {
  const path = `${parentPath} ${command.name()}`.trim();
  const help = command.createHelp();
  const options = help.visibleOptions(command).map((option) => ({
    flag: option.long ?? option.short ?? "",
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  }));
  const subcommands = help
    .visibleCommands(command)
    .map((subcommand) => ({ name: subcommand.name(), description: subcommand.description() }));
  const choices = command.registeredArguments[0]?.argChoices ?? [];
  const below = command.commands.flatMap((subcommand) => commandTree(subcommand, path));
  return [{ path, subcommands, options, choices }, ...below];
}

/** Lists the options of all commands that take a value, each once. */
export function valueOptions(tree: CommandNode[]): CompletedOption[] {
  const options = tree.flatMap((node) => node.options).filter((option) => option.takesValue);
  return [...new Map(options.map((option) => [option.flag, option])).values()];
}

/** Quotes a text for bash and zsh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
