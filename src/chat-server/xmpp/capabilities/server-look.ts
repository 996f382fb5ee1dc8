import { DoormanError } from "../../../errors/doorman-error.js";
import { type Finding, unavailable } from "../../capability.js";
import type { IqClient } from "../connection/iq.js";
import type { EjabberdApi } from "../ejabberd-api.js";

/** What every part of a look at the server works with. */
export interface LookContext {
  iq: IqClient;
  /** The bare JID of Doorman's account. */
  jid: string;
  host: string;
  /** Whose configuration files the advice is about; undefined for one that Doorman does not know. */
  software: "prosody" | "ejabberd" | undefined;
  /** The software's own word; empty where it does not tell. */
  version: string;
  /** Undefined where none is configured. */
  ejabberdApi: EjabberdApi | undefined;
  signal: AbortSignal;
}

/** Makes a finding of a failure to find out. */
export async function orUnseen(find: () => Promise<Finding>): Promise<Finding> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof DoormanError)) throw error;
    return unavailable(`it could not be seen: ${error.message}`);
  }
}
