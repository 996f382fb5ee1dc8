import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import {
  type CommandParameters,
  type EjabberdApi,
  RESULT_CODE,
  refusesArguments,
} from "../ejabberd-api.js";
import { isRefusal } from "../stanzas/stanza-error.js";

/**
 * How add_rosteritem takes the groups of a contact: "groups" is a list of names (ejabberd 24.12, 26.07),
 * "group" is one text with semicolons between the names (23.01).
 */
type GroupsArgument = "groups" | "group";

/** An item that cannot exist: ejabberd reads all arguments and then refuses the contact's name. */
export function impossibleItem(host: string) {
  return { localuser: "nobody", localhost: host, user: "a b@", host };
}

/** Returns parameters of add_rosteritem that change nothing, in each form that some ejabberd takes. */
export function impossibleAdditions(host: string): [CommandParameters, CommandParameters] {
  const item = { ...impossibleItem(host), nick: "", subs: "none" };
  return [
    { ...item, groups: [] },
    { ...item, group: "" },
  ];
}

/** ejabberd's command add_rosteritem, called in the form that the server takes. */
export class AddRosterItem {
  readonly #api: EjabberdApi;
  /** What the server took last. It may be another version after a restart. */
  #argument: GroupsArgument | undefined;

  constructor(api: EjabberdApi) {
    this.#api = api;
  }

  /**
   * Adds a contact, or replaces it.
   * @param item all parameters but the groups
   * @returns whether ejabberd says that it did
   * @throws as EjabberdApi.call does
   */
  async run(
    item: CommandParameters,
    groups: readonly string[],
    asking: { task: string; signal: AbortSignal },
  ): Promise<boolean> {
    const known = this.#argument ?? "groups";
    try {
      return await this.#send(item, groups, known, asking);
    } catch (error) {
      if (!isRefusal(error) || !refusesArguments(error.stanza.text)) throw error;
    }
    return await this.#send(item, groups, known === "groups" ? "group" : "groups", asking);
  }

  /** Returns whether the server can keep a group whose name has a semicolon. */
  async keepsSemicolons(host: string, signal: AbortSignal): Promise<boolean> {
    if (this.#argument !== "groups") {
      const [list] = impossibleAdditions(host);
      const task = "say how it takes groups";
      const { text } = await this.#api.ask("add_rosteritem", list, task, signal);
      this.#argument = refusesArguments(text) ? "group" : "groups";
    }
    return this.#argument === "groups";
  }

  async #send(
    item: CommandParameters,
    groups: readonly string[],
    argument: GroupsArgument,
    { task, signal }: { task: string; signal: AbortSignal },
  ): Promise<boolean> {
    if (argument === "group" && groups.some((group) => group.includes(";"))) {
      throw new DoormanError(
        ErrorReason.SERVER_REFUSED,
        `The chat server cannot ${task}: this version of ejabberd would split a group at its semicolon`,
      );
    }
    const parameters = argument === "group" ? { group: groups.join(";") } : { groups };
    const isAdded = await this.#api.call(
      "add_rosteritem",
      { ...item, ...parameters },
      RESULT_CODE,
      {
        task,
        signal,
      },
    );
    this.#argument = argument;
    return isAdded;
  }
}
