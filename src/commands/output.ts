import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";

/** Prints an answer: for scripts as ProtoJSON on one line, for people as the text. */
export function print<T extends DescMessage>(
  { json }: { json?: true },
  schema: T,
  answer: MessageShape<T>,
  people: (answer: MessageShape<T>) => string,
): void {
  console.log(json ? JSON.stringify(toJson(schema, answer)) : people(answer));
}

/** Aligns rows of cells in columns. */
export function columns(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = (cells[0] ?? []).map((_, index) =>
    Math.max(...cells.map((row) => widthOf(row[index] ?? ""))),
  );
  const pad = (cell: string, index: number) =>
    cell + " ".repeat((widths[index] ?? 0) - widthOf(cell));
  return cells.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/**
 * Takes what could move the cursor, colour the terminal or turn the direction of writing out of a text
 * that somebody else wrote, such as a nickname.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, "\ufffd");
}

/** Names an enum's value for people: "pending"; empty for UNSPECIFIED, the number when it is not known. */
export function nameOf(names: Record<number, string>, value: number): string {
  return value === 0 ? "" : (names[value] ?? String(value)).toLowerCase();
}

/** Writes a time in UTC, without fractions of a second; empty when there is none. */
export function timeOf(timestamp: Timestamp | undefined): string {
  return timestamp === undefined
    ? ""
    : timestampDate(timestamp)
        .toISOString()
        .replace(/\.\d+Z$/, "Z");
}

/** In columns of a terminal: combining marks take none, and East Asian letters and emoji two. */
function widthOf(text: string): number {
  const letters = [...text.replace(/[\p{Mn}\p{Me}\p{Cf}]/gu, "")];
  return letters.length + letters.filter((letter) => WIDE.test(letter)).length;
}

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u;
