import { xml } from "@xmpp/client";
import { ErrorReason } from "../../../../gen/doorman/v1/error_pb.js";
import { DoormanError } from "../../../errors/doorman-error.js";
import { NotBegun } from "../../../waiting/not-begun.js";
import type { IqClient } from "../connection/iq.js";
import { type DataForm, readForm, readRows, submitForm } from "./data-form.js";
import { attribute, type Element } from "./stanza.js";
import { isRefusal, refused } from "./stanza-error.js";

/** XEP-0050. */
const NS_COMMANDS = "http://jabber.org/protocol/commands";

export interface AdHocCommand {
  /** The domain or the room that offers the command. */
  to: string;
  node: string;
  /** What it does, for errors: "add a hat". */
  task: string;
  /** A sentence without its full stop, for the operator of a server that has no such command. */
  whenMissing: string;
  /** What to say when the command asks for it; none when it asks for nothing. */
  answers: readonly Answer[];
  signal: AbortSignal;
  /** Whether answers are waited for even when `signal` aborts after the asking; absent: they are not. */
  outlivesCaller?: boolean;
}

/** A value, and the names that servers give the field that asks for it. */
export interface Answer {
  fields: readonly string[];
  value: string;
}

/**
 * Runs a command with at most one form, and answers the form of its result, which has no fields when
 * there is none.
 * @throws SERVER_REFUSED when the outcome is an error, SERVER_LACKS_FEATURE, NotBegun when the command
 * was not carried out because the call was over
 */
export async function runCommand(iq: IqClient, command: AdHocCommand): Promise<DataForm> {
  return readForm(await run(iq, command)) ?? new Map();
}

/** Runs a command as `runCommand` does, and answers the rows of its result. */
export async function runListCommand(iq: IqClient, command: AdHocCommand): Promise<DataForm[]> {
  return readRows(await run(iq, command));
}

async function run(iq: IqClient, command: AdHocCommand): Promise<Element> {
  const { node, answers } = command;
  const start = { xmlns: NS_COMMANDS, node, action: "execute" };
  const asked = await send(iq, command, start);
  if (statusOf(asked) !== "executing") {
    const result = resultOf(command, asked);
    if (answers.length > 0) throw unusable(command, "it asks for nothing");
    return result;
  }
  const next = { xmlns: NS_COMMANDS, node, sessionid: attribute(asked, "sessionid") };
  try {
    const values = fillIn(command, readForm(asked) ?? new Map());
    const answered = await send(iq, command, { ...next, action: "complete" }, submitForm(values));
    if (statusOf(answered) === "executing") throw unusable(command, "it takes more than one step");
    return resultOf(command, answered);
  } catch (error) {
    const isUnusable =
      error instanceof DoormanError && error.reason === ErrorReason.SERVER_LACKS_FEATURE;
    if (isUnusable || error instanceof NotBegun) {
      // The server would remember the open session for ever; whether it forgets changes nothing here.
      const cancelled = { ...command, signal: new AbortController().signal };
      await send(iq, cancelled, { ...next, action: "cancel" }).catch(() => {});
    }
    throw error;
  }
}

/**
 * Answers the form that a command begins with, and cancels the command.
 * @throws SERVER_REFUSED, SERVER_LACKS_FEATURE
 */
export async function showForm(
  iq: IqClient,
  command: Omit<AdHocCommand, "answers">,
): Promise<DataForm> {
  const started = { ...command, answers: [] };
  const { node } = started;
  const asked = await send(iq, started, { xmlns: NS_COMMANDS, node, action: "execute" });
  const form = readForm(asked);
  if (statusOf(asked) !== "executing" || form === undefined) {
    throw unusable(started, "it asks for nothing");
  }
  const sessionid = attribute(asked, "sessionid");
  const cancelled = { ...started, signal: new AbortController().signal };
  const cancel = { xmlns: NS_COMMANDS, node, sessionid, action: "cancel" };
  // The form is here; whether the server forgets its session changes nothing.
  await send(iq, cancelled, cancel).catch(() => {});
  return form;
}

async function send(
  iq: IqClient,
  { to, node, task, whenMissing, signal, outlivesCaller = false }: AdHocCommand,
  attributes: Record<string, unknown>,
  ...form: Element[]
): Promise<Element> {
  const payload = xml("command", attributes, ...form);
  try {
    const result = await iq.request({ type: "set", to, payload, task, signal, outlivesCaller });
    return result.getChild("command", NS_COMMANDS) ?? xml("command", NS_COMMANDS);
  } catch (error) {
    if (!isRefusal(error, ...MISSING)) throw error;
    throw new DoormanError(
      ErrorReason.SERVER_LACKS_FEATURE,
      `The chat server cannot ${task}: ${to} has no command ${node}. ${whenMissing}`,
      { stanza: error.stanza },
    );
  }
}

/** How servers say that they do not know a command: Prosody, ejabberd, and XEP-0050 section 4.5. */
const MISSING = ["service-unavailable", "item-not-found", "feature-not-implemented"];

/** Answers a value for each field that a form declares, by the name that the form has for it. */
function fillIn(command: AdHocCommand, form: DataForm): Map<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  for (const [name, field] of form) {
    const answer = command.answers.find(({ fields }) => fields.includes(name));
    if (answer !== undefined) values.set(name, [answer.value]);
    else if (field.values.length > 0) values.set(name, field.values);
    else if (field.required) throw unusable(command, `it asks for "${name}"`);
  }
  for (const { fields } of command.answers) {
    if (!fields.some((name) => values.has(name))) {
      throw unusable(command, `it does not ask for "${fields.join('" or "')}"`);
    }
  }
  return values;
}

function statusOf(command: Element): string {
  return attribute(command, "status");
}

/** "Completed" by itself means nothing: servers put a failure into a note (XEP-0050 section 4.3). */
function resultOf({ task }: AdHocCommand, command: Element): Element {
  const notes = command.getChildren("note", NS_COMMANDS);
  const failed = notes.some((note) => {
    const type = attribute(note, "type");
    return type === "error" || type === "warn" || /\berror\b/i.test(note.getText());
  });
  if (failed || statusOf(command) !== "completed") {
    const text = notes.map((note) => note.getText().trim()).join("\n");
    // The condition for a refusal that has no name, only words (RFC 6120 section 8.3.3.21).
    throw refused(task, { condition: "undefined-condition", type: "cancel", by: "", text });
  }
  return command;
}

function unusable({ to, node, task, whenMissing }: AdHocCommand, why: string): DoormanError {
  return new DoormanError(
    ErrorReason.SERVER_LACKS_FEATURE,
    `The chat server cannot ${task}: its command ${node} at ${to} is not the one that Doorman knows, ${why}. ${whenMissing}`,
  );
}
