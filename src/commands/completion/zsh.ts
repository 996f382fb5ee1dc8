import { type CommandNode, quote, valueOptions } from "./command-tree.js";

/** Writes the completion script for zsh. */
export function zshScript(tree: CommandNode[]): string {
  const values = valueOptions(tree);
  const anyValue = values.filter(({ choices }) => choices.length === 0).map(({ flag }) => flag);
  const chosen = values.filter(({ choices }) => choices.length > 0);
  const paths = tree.slice(1).map(({ path }) => quote(path));
  return `#compdef doorman
# Completion of doorman for zsh: source <(doorman completion zsh), after compinit
_doorman() {
  local at=doorman word
  local -a found options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      (${paths.join("|")}) at="$at $word" ;;
    esac
  done
  case "$words[CURRENT-1]" in
${chosen.map(({ flag, choices }) => `    (${flag}) compadd -- ${choices.map(quote).join(" ")}; return ;;`).join("\n")}
    (${anyValue.join("|")}) _files; return ;;
  esac
  case "$at" in
${tree.map(caseOf).join("\n")}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  elif (( $#found )); then
    _describe command found
  else
    _files
  fi
}
if [[ $funcstack[1] == _doorman ]]; then _doorman "$@"; else compdef _doorman doorman; fi
`;
}

function caseOf({ path, subcommands, options, choices }: CommandNode): string {
  const words = [
    ...subcommands.map(({ name, description }) => quote(`${name}:${description}`)),
    ...choices.map(quote),
  ];
  const flags = options.map(({ flag, description }) => quote(`${flag}:${description}`));
  return `    (${quote(path)}) found=(${words.join(" ")}) options=(${flags.join(" ")}) ;;`;
}
