import { readdirSync } from "node:fs";
import { html } from "hono/html";
import type { Html } from "./layout.js";
import type { translation as english } from "./translations/en.js";

/** Is every text of the pages in one language. */
export type Translation = Record<keyof typeof english, string>;

/** Is what the pages speak to one visitor. */
export interface Language {
  /** The BCP 47 tag, for the pages and for dates. */
  tag: string;
  texts: Translation;
}

export const DEFAULT_LANGUAGE = "en";

const FOLDER = new URL("./translations/", import.meta.url);

/** Holds every language that has a file in the folder, by its tag, which is the file's name. */
export const LANGUAGES: ReadonlyMap<string, Language> = new Map(
  await Promise.all(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith(".js"))
      .map(async (file): Promise<[string, Language]> => {
        const tag = file.slice(0, -".js".length);
        const { translation } = (await import(new URL(file, FOLDER).href)) as {
          translation: Translation;
        };
        return [tag, { tag, texts: translation }];
      }),
  ),
);

/** Fills in what stands in braces, for a place that can hold text alone. */
export function plain(text: string, parts: Record<string, string> = {}): string {
  return text.replace(/\{(\w+)\}/g, (_braces, name: string) => parts[name] ?? "");
}

/** Fills in what stands in braces. */
export function rich(text: string, parts: Record<string, Html | string>): Html {
  // With a group, split answers what is in the braces at every odd place.
  const pieces = text.split(/\{(\w+)\}/);
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? (parts[piece] ?? "") : piece))}`;
}

/** Writes a name, an address or a host, whose direction may be another than the sentence's. */
export function name(text: string): Html {
  // A narrow screen breaks an address behind the @ before it breaks it anywhere.
  const [first = "", ...rest] = text.split("@");
  return html`<bdi>${first}${rest.map((part) => html`@<wbr>${part}`)}</bdi>`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Says how long something is, in the biggest unit of which there are two, to the nearest. */
export function duration(ms: number, { tag }: Language): string {
  const [unit, unitMs] =
    ms >= 2 * DAY_MS
      ? ["day", DAY_MS]
      : ms >= 2 * HOUR_MS
        ? ["hour", HOUR_MS]
        : ms >= 2 * MINUTE_MS
          ? ["minute", MINUTE_MS]
          : ["second", 1_000];
  const format = new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" });
  return format.format(Math.max(1, Math.round(ms / unitMs)));
}

/** How times are written: with the zone's name. */
export const TIME_FORMAT = {
  ...({ year: "numeric", month: "long", day: "numeric", hour: "numeric" } as const),
  ...({ minute: "2-digit", timeZoneName: "short" } as const),
};

/** Returns a time in UTC, named as such. A script writes it in the visitor's zone, which the server does not know. */
export function time(ms: number, { tag }: Language): Html {
  const format = new Intl.DateTimeFormat(tag, { ...TIME_FORMAT, timeZone: "UTC" });
  return html`<time datetime="${new Date(ms).toISOString()}">${format.format(ms)}</time>`;
}
