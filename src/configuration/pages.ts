import { z } from "zod";
import { CHAT_CLIENTS, type ChatClient, PLATFORMS } from "../invites/pages/chat-clients.js";
import { listOf, oneOf, parsed, section } from "./settings.js";

const MAX_NAME_CHARACTERS = 100;

const name = (expected: string) =>
  parsed((value) => {
    const trimmed = value.trim();
    const isLine = trimmed !== "" && !/\p{C}/u.test(trimmed);
    return isLine && [...trimmed].length <= MAX_NAME_CHARACTERS ? trimmed : undefined;
  }, `${expected}, at most ${MAX_NAME_CHARACTERS} characters`);

/** An address of a page that visitors may follow. Nothing but http and https: no script can come in here. */
const link = parsed(
  (value) =>
    /^https?:\/\/[^\s/?#@\\]+([/?#]\S*)?$/.test(value) && URL.canParse(value) ? value : undefined,
  "a URL such as https://example.com/page, without a user or a password",
);

const ownApp = section("name, url and platforms below it", {
  name: name("the app's name, such as Our Chat"),
  /** Where to get the app. */
  url: link,
  platforms: z
    .array(oneOf(PLATFORMS), { error: "expected a list such as [android, ios]" })
    .min(1, { error: `expected at least one of ${PLATFORMS.join(", ")}` }),
});

const KNOWN = [...new Set(CHAT_CLIENTS.map((client) => client.name))];

/** An app by its name, when Doorman knows it, or else with its address: an entry for each platform. */
const app = z.unknown().transform((value, context): ChatClient[] => {
  if (typeof value === "string") {
    const known = CHAT_CLIENTS.filter(
      (client) => client.name.toLowerCase() === value.toLowerCase(),
    );
    if (known.length > 0) return known;
    const message = `expected one of ${KNOWN.join(", ")}, or { name: Our Chat, url: https://example.com/app, platforms: [android] }`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }
  const own = ownApp.safeParse(value);
  if (!own.success) {
    for (const issue of own.error.issues) {
      context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
    }
    return z.NEVER;
  }
  const { platforms, ...rest } = own.data;
  return [...new Set(platforms)].map((platform) => ({ ...rest, platform }));
});

/** What the operator puts on the pages of invites. */
export const pages = section("site_name, privacy_url, web_chat_url or apps below it", {
  /** What the service is called. Absent: pages and previews of links name the invite's host alone. */
  site_name: name("the name of the service, such as Example Chat").optional(),
  /** A link at the foot of every page. */
  privacy_url: link.optional(),
  /** A web client of one's own, which is offered first when an account is ready. */
  web_chat_url: link.optional(),
  /** The apps that the pages offer, in this order. Absent: all that Doorman knows. */
  apps: listOf(app, "[Conversations, Monal, Gajim]")
    .transform((apps) => apps.flat())
    .optional(),
});

/** What is configured for the pages of invites. */
export type PagesConfiguration = z.output<typeof pages>;
