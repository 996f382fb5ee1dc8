const MS_OF_UNIT = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Is the longest lifetime of an invite or a key, 3,650 days. */
export const MAX_LIFETIME_MS = 3_650 * MS_OF_UNIT.d;

/** Reads a lifetime such as `45s`, `90m`, `12h`, `7d` or `2w` as milliseconds; undefined when it is none. */
export function parseLifetime(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const lifetimeMs = Number(count) * MS_OF_UNIT[unit as keyof typeof MS_OF_UNIT];
  return lifetimeMs > 0 && lifetimeMs <= MAX_LIFETIME_MS ? lifetimeMs : undefined;
}

/** Reads a lifetime as `parseLifetime` does, or 0 of any unit. */
export function parseLifetimeOrZero(text: string): number | undefined {
  return /^0+[smhdw]$/.test(text) ? 0 : parseLifetime(text);
}

/** The longest that Doorman stays in a room where it has nothing to do. */
const MAX_STAY_MS = MS_OF_UNIT.d;

/** Reads a lifetime of at most a day as milliseconds; 0 of any unit is one too. */
export function parseStay(text: string): number | undefined {
  const stayMs = parseLifetimeOrZero(text);
  return stayMs !== undefined && stayMs <= MAX_STAY_MS ? stayMs : undefined;
}
