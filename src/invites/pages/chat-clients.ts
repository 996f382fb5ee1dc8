/** Is where a person chats: each has clients of its own. */
export type Platform = "android" | "ios" | "windows" | "macos" | "linux" | "web";

/** Is a program to chat with, on one platform. */
export interface ChatClient {
  name: string;
  platform: Platform;
  /** Where it is to be had, for people; absent where that is its own site. */
  from?: string;
  url: string;
}

/** Lists free clients that are cared for. They log in with address and password, and most know invites. */
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

/** Lists the platforms in the order of their sections. */
export const PLATFORMS: readonly Platform[] = [
  "android",
  "ios",
  "windows",
  "macos",
  "linux",
  "web",
];

/** Guesses a visitor's platform by the User-Agent header; undefined when it says none of them. */
export function platformOf(userAgent = ""): Platform | undefined {
  if (/Android/i.test(userAgent)) return "android";
  if (/iPhone|iPad|iPod/i.test(userAgent)) return "ios";
  if (/Windows/i.test(userAgent)) return "windows";
  if (/Macintosh|Mac OS X/i.test(userAgent)) return "macos";
  if (/Linux|X11|CrOS/i.test(userAgent)) return "linux";
  return undefined;
}
