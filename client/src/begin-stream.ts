import type { DescMessage } from "@bufbuild/protobuf";
import { ConnectError, type StreamResponse } from "@connectrpc/connect";
import { DoormanError } from "./doorman-error.js";

/**
 * Reads the first message of a stream before it answers: what fails until then can be repeated, and
 * nothing after it. Later failures are DoormanErrors too.
 */
export async function beginStream<I extends DescMessage, O extends DescMessage>(
  opening: Promise<StreamResponse<I, O>>,
  signal: AbortSignal | undefined,
): Promise<StreamResponse<I, O>> {
  const response = await opening;
  const messages = response.message[Symbol.asyncIterator]();
  const first = await messages.next();

  // The library lets go of its timer for the deadline, which would keep a process alive, only when
  // somebody reads on after the abort.
  let rest: Promise<typeof first> | undefined;
  const readRest = async () => {
    for (;;) {
      const one = await messages.next();
      if (one.done) return one;
    }
  };
  const letGo = () => {
    rest = readRest();
    rest.catch(() => {});
  };
  if (signal?.aborted) letGo();
  signal?.addEventListener("abort", letGo, { once: true });

  async function* whole() {
    try {
      for (let one = first; !one.done; one = await (rest ?? messages.next())) yield one.value;
    } catch (error) {
      throw new DoormanError(ConnectError.from(error));
    } finally {
      signal?.removeEventListener("abort", letGo);
    }
  }
  return { ...response, message: whole() };
}
