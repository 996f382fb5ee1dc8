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
  open_in_app_hint:
    "If you have no app yet, get one from the list and come back, or create your account here first.",
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

  create_account: "Create your account here",
  create_account_hint: "Then log in with an app.",
  register_title: "Create an account on {host}",
  username: "Username",
  username_hint: "Your address will be this name, followed by @{host}. It cannot be changed later.",
  password: "Password",
  password_hint:
    "At least {count} characters. A few words that only you would put together are a good one.",
  password_kept: "The password that you typed is kept. Type here only to change it.",
  repeat_password: "Repeat the password",
  show_password: "Show password",
  submit_register: "Create account",
  reset_title: "Choose a new password",
  reset_about: "This is for the account {address}. Your apps will ask for the new password.",
  submit_reset: "Set new password",
  error_title: "Not done yet",
  errors_summary: "Some things need another look:",
  username_required: "Choose a name.",
  username_too_long: "The name has at most {count} characters.",
  username_forbidden:
    "The name has a character that it cannot have: no spaces, no emoji, and none of \" & ' / : < > @",
  username_reserved: "That name is kept for the people who run the server. Choose another.",
  username_taken: "{address} is taken. Choose another name.",
  preset_taken: "{address} has an account already. Ask whoever invited you for another invitation.",
  preset_refused:
    "{address} cannot be had any more. Ask whoever invited you for another invitation.",
  username_refused: "This name cannot be used. Choose another.",
  username_free: "{address} is free.",
  password_required: "Choose a password.",
  password_too_short: "The password has at least {count} characters.",
  password_too_long: "The password has at most {count} characters.",
  password_forbidden:
    "The password has characters that apps cannot send, such as a tab or an emoji, or Arabic or Hebrew letters together with others.",
  password_is_username: "The password cannot be your username or address.",
  too_many_passwords: "Too many wrong passwords were tried. Try again in ten minutes.",
  passwords_differ: "The two passwords are not the same.",
  server_away:
    "The chat server cannot be reached at the moment. Nothing has been changed. Try again in a minute.",
  server_no_answer: "The chat server did not answer in time. Try again in a minute.",
  server_refuses: "The chat server did not accept this. Ask whoever sent you the invitation.",
  register_done_title: "Your account is ready",
  reset_done_title: "Your password is changed",
  register_done:
    "Write down your password now: this page does not show it, and nobody can look it up.",
  reset_done: "Log in with the new password in each of your apps.",
  how_to_log_in: "How to log in",
  log_in_app: "Get an app from the list below and open it.",
  log_in_existing: "Choose to log in with an account that you have.",
  log_in_with: "Type this address, and your password:",
  address: "Address",
  server: "Server",
  form_stale: "This form cannot be sent",
  form_too_large: "This form is too large",
  form_stale_advice:
    "It came from another page, or is too old. Open the link of your invitation again.",

  contact_title: "Accept the invitation",
  contact_about: "Log in with your account on {host}, and you and {inviter} are contacts.",
  submit_contact: "Accept",
  contact_done_title: "You are contacts now",
  contact_invited: "{inviter} would like to be your contact",
  contact_invited_about: "This invitation is for people who have an account on {host} already.",
  contacts_about: "{inviter} will be your first contact.",
  contact_made: "{inviter} is in your contact list.",
  contact_soon: "{inviter} will be in your contact list soon.",
  accept: "Accept the invitation here",
  reset_invited: "A new password for {address}",
  reset_invited_about:
    "With this link you choose a new password for your account on {host}. Nobody needs to know the old one.",
  reset_from: "This link is from {inviter}.",
  choose_password: "Choose a new password",
  wrong_password: "That is not the password of this account.",
};
