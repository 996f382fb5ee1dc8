import { readElsewhere } from "./contract/elsewhere.js";
import { playedDomains } from "./contract/played-domains.js";

const elsewhere = readElsewhere(process.env);
if (elsewhere === undefined) {
  console.log(
    "skipped: contract: elsewhere (DOORMAN_TEST_XMPP_SERVICE is not set; docs/testing.md)",
  );
} else {
  const { host, muc, service, notOffered } = elsewhere;
  Object.assign(playedDomains, { host, muc });
  // Loaded only now: the cases read the domains when they are loaded.
  const { contractSuite } = await import("./contract/contract-suite.js");
  const { startElsewhereStage } = await import("./contract/elsewhere-stage.js");
  contractSuite(
    `elsewhere, ${host} at ${service}`,
    () => startElsewhereStage(elsewhere),
    Object.fromEntries(notOffered.map((beginning) => [beginning, "DOORMAN_TEST_NOT_OFFERED"])),
  );
}
