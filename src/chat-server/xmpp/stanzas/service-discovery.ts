import { xml } from "@xmpp/client";
import type { IqClient } from "../connection/iq.js";
import { type DataForm, readForm } from "./data-form.js";
import { attribute } from "./stanza.js";
import { isRefusal } from "./stanza-error.js";

/** XEP-0030. */
const NS_INFO = "http://jabber.org/protocol/disco#info";
const NS_ITEMS = "http://jabber.org/protocol/disco#items";
/** XEP-0050. */
const NS_COMMANDS = "http://jabber.org/protocol/commands";

/** What an entity says about itself. */
export interface DiscoInfo {
  /** As `CATEGORY/TYPE`. */
  identities: ReadonlySet<string>;
  features: ReadonlySet<string>;
  /** What it says beyond that (XEP-0128). */
  more: DataForm;
}

/** Answers what an entity is; undefined when it does not exist (item-not-found, gone). */
export async function discoverInfo(
  iq: IqClient,
  jid: string,
  signal: AbortSignal,
): Promise<DiscoInfo | undefined> {
  try {
    const result = await iq.request({
      type: "get",
      to: jid,
      payload: xml("query", { xmlns: NS_INFO }),
      task: `say what ${jid} is`,
      signal,
    });
    const query = result.getChild("query", NS_INFO);
    const identities = query?.getChildren("identity") ?? [];
    const features = query?.getChildren("feature") ?? [];
    return {
      identities: new Set(
        identities.map((id) => `${attribute(id, "category")}/${attribute(id, "type")}`),
      ),
      features: new Set(features.map((feature) => attribute(feature, "var"))),
      more: (query && readForm(query)) ?? new Map(),
    };
  } catch (error) {
    if (isRefusal(error, "item-not-found", "gone")) return undefined;
    throw error;
  }
}

/** Answers the JIDs of a server's services. */
export async function discoverServices(
  iq: IqClient,
  host: string,
  signal: AbortSignal,
): Promise<string[]> {
  const result = await iq.request({
    type: "get",
    to: host,
    payload: xml("query", { xmlns: NS_ITEMS }),
    task: `list the services of ${host}`,
    signal,
  });
  const items = result.getChild("query", NS_ITEMS)?.getChildren("item") ?? [];
  const jids = items
    .filter((item) => attribute(item, "node") === "")
    .map((item) => attribute(item, "jid"));
  return [...new Set(jids)].filter((jid) => jid !== "");
}

/** Answers the nodes of the ad-hoc commands that an entity offers Doorman (XEP-0050 section 3.1); none when it says so in any way. */
export async function discoverCommands(
  iq: IqClient,
  jid: string,
  signal: AbortSignal,
): Promise<Set<string>> {
  try {
    const result = await iq.request({
      type: "get",
      to: jid,
      payload: xml("query", { xmlns: NS_ITEMS, node: NS_COMMANDS }),
      task: `list the commands of ${jid}`,
      signal,
    });
    const items = result.getChild("query", NS_ITEMS)?.getChildren("item") ?? [];
    return new Set(items.map((item) => attribute(item, "node")));
  } catch (error) {
    if (isRefusal(error)) return new Set();
    throw error;
  }
}
