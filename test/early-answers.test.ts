import { setImmediate } from "node:timers/promises";
import { type Client, client, xml } from "@xmpp/client";
import * as assert from "uvu/assert";
import { hardenClient } from "../src/chat-server/xmpp/connection/harden-client.js";
import { suite } from "./support/suite.js";
import { quieten } from "./support/xmpp-request.js";

const NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";

const CLIENTS: [whose: string, prepare: (xmpp: Client) => void][] = [
  ["Doorman's", (xmpp) => hardenClient(xmpp, { isOver: () => false, onUnreadable: () => {} })],
  ["the tests' own", quieten],
];

const early = suite("an IQ that is refused before its sending has ended");

for (const [whose, prepare] of CLIENTS) {
  early(`fails the request of ${whose} client, and not the process`, async () => {
    const xmpp = client({ service: "xmpp://127.0.0.1:1", domain: "example.com" });
    prepare(xmpp);
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", note);
    // As over TLS, where the answer can be read before the write calls back.
    xmpp.send = async ({ attrs: { id } }) => {
      const condition = xml("not-allowed", { xmlns: NS_STANZAS });
      const error = xml("error", { type: "cancel" }, condition);
      Reflect.get(xmpp, "_onElement").call(xmpp, xml("iq", { type: "error", id }, error));
      await setImmediate();
      await setImmediate();
    };
    try {
      const answer = xmpp.iqCaller.request(xml("iq", { type: "get" }, xml("query")));
      const refusal = await answer.then(
        String,
        (error: Error) => `${error.name}: ${error.message}`,
      );
      assert.match(refusal, /^StanzaError: not-allowed/);
      await setImmediate();
      assert.equal(unhandled, []);
    } finally {
      process.off("unhandledRejection", note);
    }
  });
}

early.run();
