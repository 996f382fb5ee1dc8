/**
 * Reads the body of another program's answer as text, and no more of it than a number of bytes.
 * @param unreadable makes the error for a longer body, and for bytes that are no UTF-8
 */
export async function readBounded(
  { body }: Response,
  maxBytes: number,
  unreadable: (why: string) => Error,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw unreadable(`answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    // Node.js's own decoding would put U+FFFD in the place of what is wrong.
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw unreadable("answered with bytes that are no UTF-8");
  }
}
