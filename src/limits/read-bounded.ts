/** Reads a stream to its end; undefined as soon as it has more than a number of bytes. */
export async function readAtMost(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads the body of another program's answer as text, up to a number of bytes.
 * @param unreadable makes the error for a longer body, and for bytes that are not UTF-8
 */
export async function readBounded(
  { body }: Response,
  maxBytes: number,
  unreadable: (why: string) => Error,
): Promise<string> {
  const bytes = await readAtMost(body, maxBytes);
  if (bytes === undefined) throw unreadable(`answered with more than ${maxBytes} bytes`);
  try {
    // Node.js's own decoding would put U+FFFD in the place of what is wrong.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable("answered with bytes that are no UTF-8");
  }
}
