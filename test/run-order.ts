/**
 * The files that take longest, of both parts, the longest first. Started first, they leave no core idle
 * at the end of a run. Change it when a run shows another order; each file's seconds are printed.
 */
const LONGEST_FIRST: readonly string[] = [
  "long/sdk-cpp.test.js",
  "long/faults-prosody-13.test.js",
  "long/faults-ejabberd-24.test.js",
  "long/faults-prosody.test.js",
  "long/faults-ejabberd.test.js",
  "long/redemption-crashes.test.js",
  "long/redemptions-cut-short.test.js",
  "doctor-ejabberd.test.js",
  "invite-page-looks.test.js",
  "doctor-prosody.test.js",
  "command-line.test.js",
  "accounts.test.js",
  "ejabberd.test.js",
  "invite-browser.test.js",
  "invite-form-browser.test.js",
  "command-line-failures.test.js",
  "bad-input.test.js",
];

/** Returns files in the order in which to start them. @throws Error when a file of the list is gone */
export function runOrder(files: readonly string[]): string[] {
  const gone = LONGEST_FIRST.filter((file) => !files.includes(file));
  if (gone.length > 0)
    throw new Error(`test/run-order.ts names what is no file: ${gone.join(", ")}`);
  return [...LONGEST_FIRST, ...files.filter((file) => !LONGEST_FIRST.includes(file)).sort()];
}
