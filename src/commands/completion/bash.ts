import { type CommandNode, quote, valueOptions } from "./command-tree.js";

/** Writes the completion script for bash. */
export function bashScript(tree: CommandNode[]): string {
  const values = valueOptions(tree);
  const anyValue = values.filter(({ choices }) => choices.length === 0).map(({ flag }) => flag);
  const chosen = values.filter(({ choices }) => choices.length > 0);
  const paths = tree.slice(1).map(({ path }) => quote(path));
  return `# Completion of doorman for bash: source <(doorman completion bash)
_doorman() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local at=doorman word words= options=
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
      ${paths.join("|")}) at="$at $word" ;;
    esac
  done
  case "$previous" in
${chosen.map(({ flag, choices }) => `    ${flag}) COMPREPLY=($(compgen -W ${quote(choices.join(" "))} -- "$current")); return ;;`).join("\n")}
    ${anyValue.join("|")}) return ;;
  esac
  case "$at" in
${tree.map(caseOf).join("\n")}
  esac
  [[ $current == -* ]] && words=$options
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _doorman doorman
`;
}

function caseOf({ path, subcommands, options, choices }: CommandNode): string {
  const words = [...subcommands.map(({ name }) => name), ...choices].join(" ");
  const flags = options.map(({ flag }) => flag).join(" ");
  return `    ${quote(path)}) words=${quote(words)} options=${quote(flags)} ;;`;
}
