import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { offersRegistrationByInvite } from "../accounts/in-band-registration.js";
import { UnauthenticatedStream } from "../connection/unauthenticated-stream.js";

/**
 * Tells whether a host offers registration by invite (XEP-0445 section 3), which it shows to those alone
 * who have not logged in: by a connection that never does.
 * @throws SERVER_NO_ANSWER
 */
export async function takesInvites(
  service: string,
  host: string,
  signal: AbortSignal,
): Promise<boolean> {
  const stream = new UnauthenticatedStream(service, host);
  try {
    return offersRegistrationByInvite(await stream.open(signal));
  } catch (error) {
    throw new DoormanError(
      ErrorReason.SERVER_NO_ANSWER,
      `Doorman asked what ${host} offers to those who have no account, but ${(error as Error).message}`,
    );
  } finally {
    stream.close();
  }
}
