import { html, raw } from "hono/html";
import { encode } from "uqr";
import type { Html } from "./layout.js";

/** Light modules around the code, which readers need (ISO/IEC 18004 section 5.3.8). */
const QUIET_ZONE = 4;

/** Draws a text as a QR code, black on white whatever the page's colours, with a name for screen readers. */
export function qrCode(text: string, name: string): Html {
  const { size, data } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const runs = data.flatMap((row, y) =>
    [...runsOf(row)].map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`),
  );
  return html`<svg class="qr" role="img" aria-label="${name}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${raw(runs.join(""))}"/></svg>`;
}

/** Answers the start and the length of each run of dark modules, which makes the path a third as long. */
function* runsOf(row: readonly boolean[]): Generator<[number, number]> {
  for (let start = row.indexOf(true); start !== -1; ) {
    const end = row.indexOf(false, start);
    yield [start, end - start];
    start = row.indexOf(true, end);
  }
}
