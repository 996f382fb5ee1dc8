import { create } from "@bufbuild/protobuf";
import { type HatAttachment, HatAttachmentSchema } from "../../../../gen/doorman/v1/hat_pb.js";
import type { ShownHats } from "./hat-dialect.js";

/**
 * Answers all hats of a user. Which are active, and their titles, is the server's word where it lists
 * them; of the inactive ones, and of which are required, it knows nothing.
 * @param shown undefined where the server cannot list
 */
export function mergeHats(
  shown: ShownHats | undefined,
  ledger: ReadonlyMap<string, HatAttachment>,
): Map<string, HatAttachment> {
  if (shown === undefined) return new Map(ledger);
  const hats = new Map([...ledger].filter(([, { active }]) => !active));
  for (const [hatId, shownTitle] of shown) {
    const given = ledger.get(hatId);
    // A server that requires a title was told the id where there was none.
    const title = shownTitle === hatId && given?.title === "" ? "" : shownTitle;
    const required = given?.required ?? false;
    hats.set(hatId, create(HatAttachmentSchema, { active: true, required, title }));
  }
  return hats;
}
