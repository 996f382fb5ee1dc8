/** The platforms that apps run on, in the order of their sections. */
export const PLATFORMS = ["android", "ios", "windows", "macos", "linux", "web"] as const;

/** A platform that apps run on. */
export type Platform = (typeof PLATFORMS)[number];

/** An app to chat with, on one platform. */
export interface ChatClient {
  name: string;
  platform: Platform;
  /** The store that offers it; absent for its own site. */
  from?: string;
  url: string;
}

/** The apps that are offered unless pages.apps names others: free, maintained, and with a login by address. */
export const CHAT_CLIENTS: readonly ChatClient[] = [
  {
    name: "Conversations",
    platform: "android",
    from: "Google Play",
    url: "https://play.google.com/store/apps/details?id=eu.siacs.conversations",
  },
  {
    name: "Conversations",
    platform: "android",
    from: "F-Droid",
    url: "https://f-droid.org/packages/eu.siacs.conversations/",
  },
  {
    name: "Cheogram",
    platform: "android",
    from: "F-Droid",
    url: "https://f-droid.org/packages/com.cheogram.android/",
  },
  {
    name: "Monal",
    platform: "ios",
    from: "App Store",
    url: "https://apps.apple.com/app/monal-xmpp-chat/id317711500",
  },
  {
    name: "Siskin IM",
    platform: "ios",
    from: "App Store",
    url: "https://apps.apple.com/app/siskin-im/id1153516838",
  },
  { name: "Gajim", platform: "windows", url: "https://gajim.org/download/" },
  { name: "Psi", platform: "windows", url: "https://psi-im.org/" },
  { name: "Monal", platform: "macos", url: "https://monal-im.org/" },
  {
    name: "Beagle IM",
    platform: "macos",
    from: "App Store",
    url: "https://apps.apple.com/app/beagle-im/id1445349494",
  },
  { name: "Gajim", platform: "macos", url: "https://gajim.org/download/" },
  { name: "Dino", platform: "linux", url: "https://dino.im/" },
  { name: "Gajim", platform: "linux", url: "https://gajim.org/download/" },
  { name: "Kaidan", platform: "linux", url: "https://www.kaidan.im/" },
  { name: "Profanity", platform: "linux", url: "https://profanity-im.github.io/" },
  { name: "Movim", platform: "web", url: "https://movim.eu/" },
  { name: "Converse", platform: "web", url: "https://conversejs.org/" },
];

/** Returns a visitor's platform by the User-Agent header; undefined when the header names none. */
export function platformOf(userAgent = ""): Platform | undefined {
  if (/Android/i.test(userAgent)) return "android";
  if (/iPhone|iPad|iPod/i.test(userAgent)) return "ios";
  if (/Windows/i.test(userAgent)) return "windows";
  if (/Macintosh|Mac OS X/i.test(userAgent)) return "macos";
  if (/Linux|X11|CrOS/i.test(userAgent)) return "linux";
  return undefined;
}
