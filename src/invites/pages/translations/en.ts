/**
 * The texts of the invite pages in English, which every other translation has too. What stands in
 * braces is filled in, and may stand anywhere in the sentence.
 */
export const translation = {
  direction: "ltr",

  title: "Invitation to {host}",
  invited: "You are invited to {host}",
  invited_by: "{inviter} invites you to {host}",
  about:
    "{host} is a chat server. With an account there you can write to everybody on it, and to people on other XMPP servers, with an app that you choose.",
  your_address: "Your address will be {address}.",
  good_until: "Good for {duration}, until {time}.",
  sandbox:
    "This is a sandbox, a place to try things: accounts are made in its memory alone, and no app can connect to it.",

  open_in_app: "Open in an app",
  open_in_app_hint: "The app comes first: get one from the list, then come back to this page.",
  qr_name: "QR code of this invitation",
  qr_app: "Scan this with an XMPP app on another device.",
  qr_page: "Scan this to open this page on another device.",
  other_device: "Use another device",

  apps: "Apps to chat with",
  apps_for: "Apps for {platform}",
  apps_elsewhere: "Apps for other devices",
  android: "Android",
  ios: "iPhone and iPad",
  windows: "Windows",
  macos: "macOS",
  linux: "Linux",
  web: "Web browsers",

  unknown: "There is no such invitation",
  unknown_advice: "Check that you have the whole link, or ask whoever sent it to you.",
  redeemed: "This invitation has been used already",
  expired: "This invitation has expired",
  revoked: "This invitation has been taken back",
  gone_advice: "Ask whoever sent it to you for a new one.",
  too_many: "Too many tries",
  too_many_advice: "Too many tries came from your network. Try again in {duration}.",
};
