import { getComments } from "@bufbuild/protoplugin";

/** Answers the comment above a definition: paragraphs, each on one line, a blank line between two. */
export function commentOf(definition: Parameters<typeof getComments>[0]): string {
  return (getComments(definition).leading ?? "")
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, " ").trim())
    .filter(Boolean)
    .join("\n\n");
}

/** Answers a text's first sentence, without the full stop. */
export function firstSentence(text: string): string {
  return (/^.*?(?=\.(?:\s|$))/s.exec(text)?.[0] ?? text).trim();
}
