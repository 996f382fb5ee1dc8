/** Is a fenced block of a Markdown file. */
export interface Block {
  /** What stands behind the fence: sh, json, yaml. */
  language: string;
  text: string;
  /** The line of its fence, from 1. */
  line: number;
}

/** Finds the fenced blocks of a Markdown file, those in lists too. */
export function markdownBlocks(markdown: string): Block[] {
  const fences = markdown.matchAll(/^( *)```(\w+)\n(.*?)^\1```$/gms);
  return [...fences].map(({ index, 1: indent = "", 2: language = "", 3: text = "" }) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    line: markdown.slice(0, index).split("\n").length,
  }));
}
