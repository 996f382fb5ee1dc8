import type { CommandNode } from "./command-tree.js";

/** Writes the completion script for fish. */
export function fishScript(tree: CommandNode[]): string {
  const paths = tree.slice(1).map(({ path }) => quote(path));
  return `# Completion of doorman for fish: doorman completion fish > ~/.config/fish/completions/doorman.fish
function __doorman_at
  set -l at doorman
  set -l tokens (commandline -opc)
  for word in $tokens[2..-1]
    switch "$at $word"
      case ${paths.join(" ")}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
${tree.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ path, subcommands, options, choices }: CommandNode): string[] {
  const here = `complete -c doorman -n ${quote(`__doorman_at ${quote(path)}`)}`;
  return [
    ...subcommands.map(
      ({ name, description }) => `${here} -f -a ${quote(name)} -d ${quote(description)}`,
    ),
    ...(choices.length > 0 ? [`${here} -f -a ${quote(choices.join(" "))}`] : []),
    ...options.map(({ flag, description, takesValue, choices: values }) => {
      // -r: takes a value, and files are offered for it; -x: takes one of those given.
      const value = values.length > 0 ? ` -x -a ${quote(values.join(" "))}` : " -r";
      const long = `-l ${flag.replace(/^--/, "")}`;
      return `${here} ${long}${takesValue ? value : ""} -d ${quote(description)}`;
    }),
  ];
}

/** Quotes a text for fish, where a backslash counts between quotes too. */
function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
