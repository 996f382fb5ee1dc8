import { type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { withShortWords } from "../errors/quote.js";

/** How much waits for a reader that is slower than Doorman. Further lines are dropped and counted. */
const MAX_WAITING_CHARACTERS = 1024 * 1024;
/** How long Doorman waits for the last lines to be read when it stops. */
const FLUSH_TIMEOUT_MS = 1_000;
const STANDARD_ERROR = 2;

/** The log of this process, and what must be done before the process ends. */
export interface OpenLog {
  log: Logger;
  /** Waits until what was logged is written, for a second at the most. Nothing is logged afterwards. */
  close(): Promise<void>;
}

/**
 * Opens the log on standard error: JSON lines with ISO times, or lines for people where that is a
 * terminal. Lines are written in the background, so that a reader that stalls stops nothing.
 */
export async function openLog(level: string): Promise<OpenLog> {
  const output = pino.destination({
    dest: STANDARD_ERROR,
    sync: false,
    maxLength: MAX_WAITING_CHARACTERS,
  });
  // A reader that has gone away is no reason to stop.
  output.on("error", () => {});
  const log = pino(logOptions(level), await formatted(output));
  let dropped = 0;
  output.on("drop", () => {
    dropped += 1;
  });
  output.on("drain", () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    log.warn(
      { dropped: lines },
      "log lines were dropped because the reader of the log was too slow",
    );
  });
  return { log, close: () => close(output) };
}

/** Returns the options of every log of Doorman: ISO times, and long JIDs and names cut short. */
export function logOptions(level: string): LoggerOptions {
  return {
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: {
      log: (fields) => {
        const short = (value: unknown) =>
          typeof value === "string" ? withShortWords(value) : value;
        return Object.fromEntries(Object.entries(fields).map(([key, it]) => [key, short(it)]));
      },
    },
  };
}

type Output = ReturnType<typeof pino.destination>;

async function formatted(output: Output): Promise<{ write(line: string): void }> {
  if (!process.stderr.isTTY) return output;
  // Loaded only where somebody reads along.
  const { prettyFactory } = await import("pino-pretty");
  const format = prettyFactory({
    colorize: process.env.NO_COLOR === undefined,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss",
  });
  return { write: (line) => output.write(format(line)) };
}

async function close(output: Output): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
    output.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    // Not flush(), which calls back before lines are written when minLength is 0. destroy() then discards
    // lines behind a write under way, and the library writes nothing again and again.
    output.end();
  });
  // Pino would write the rest synchronously when the process ends, and so wait for a reader that stalls.
  output.destroy();
}
