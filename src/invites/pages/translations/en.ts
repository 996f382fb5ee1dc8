/**
 * The texts of the invite pages in English. Every other translation has the same keys. Names in braces are
 * filled in, and may stand anywhere in a sentence.
 */
export const translation = {
  direction: "ltr",

  invited: "You are invited to {host}",
  invited_by: "{inviter} invites you to {host}",
  about:
    "{host} is a chat server. With an account there you can write to everybody on it, and to people on other XMPP servers, with an app of your choice.",
  your_address: "Your address will be {address}.",
  valid_for: "Valid for {duration}, until {time}.",
  sandbox:
    "This is a sandbox for trying things out. Accounts exist only in its memory, and no app can connect to it.",

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
  web_chat: "Web chat",
  open_web_chat: "Open the web chat",
  privacy: "Privacy policy",

  unknown: "This invitation does not exist",
  unknown_advice: "Check that you have the whole link, or ask the person who sent it to you.",
  redeemed: "This invitation has already been used",
  expired: "This invitation has expired",
  revoked: "This invitation has been withdrawn",
  gone_advice: "Ask the person who sent it to you for a new one.",
  too_many: "Too many attempts",
  too_many_advice: "There were too many attempts from your network. Try again in {duration}.",

  create_account: "Create account",
  create_account_hint: "After that, log in with an app.",
  register_title: "Create an account on {host}",
  username: "Username",
  username_hint: "Your address will be this name followed by @{host}. You cannot change it later.",
  password: "Password",
  password_hint: "At least {count} characters. A few unrelated words make a good password.",
  password_kept: "Your password is still here. Type only to change it.",
  repeat_password: "Repeat the password",
  show_password: "Show password",
  submit_register: "Create account",
  reset_title: "Choose a new password",
  reset_about: "This is for the account {address}. Your apps will ask for the new password.",
  submit_reset: "Set new password",
  error_title: "Error",
  username_required: "Choose a username.",
  username_missing: "Enter your username.",
  username_too_long: "The username can have at most {count} characters.",
  username_forbidden: "The username cannot have spaces, emoji, or any of \" & ' / : < > @",
  username_reserved:
    "This username is reserved for the people who run the server. Choose another one.",
  username_taken: "{address} is taken. Choose another username.",
  preset_taken:
    "{address} already has an account. Ask the person who invited you for another invitation.",
  preset_refused:
    "{address} is no longer available. Ask the person who invited you for another invitation.",
  username_refused: "This username cannot be used. Choose another one.",
  username_free: "{address} is available.",
  password_required: "Choose a password.",
  password_missing: "Enter your password.",
  password_too_short: "The password must have at least {count} characters.",
  password_too_long: "The password can have at most {count} characters.",
  password_forbidden:
    "The password has characters that apps cannot send, such as a tab, an emoji, or Arabic or Hebrew letters mixed with others.",
  password_is_username: "The password cannot be your username or address.",
  too_many_passwords: "There were too many wrong passwords. Try again in ten minutes.",
  passwords_differ: "The passwords are not the same.",
  server_away:
    "The chat server cannot be reached at the moment. Nothing was changed. Try again in a minute.",
  server_no_answer: "The chat server did not answer in time. Try again in a minute.",
  server_refuses:
    "The chat server did not accept this. Ask the person who sent you the invitation.",
  register_done_title: "Your account is ready",
  reset_done_title: "Your password has been changed",
  register_done:
    "Write down your password now. This page does not show it, and nobody can look it up.",
  reset_done: "Log in with the new password in each of your apps.",
  how_to_log_in: "How to log in",
  log_in_app: "Get an app from the list below and open it.",
  log_in_existing: "Choose to log in with an existing account.",
  log_in_with: "Enter this address and your password:",
  address: "Address",
  server: "Server",
  form_stale: "This form cannot be sent",
  form_too_large: "This form is too large",
  form_stale_advice:
    "It came from another page or is too old. Open the link of your invitation again.",

  contact_title: "Accept the invitation",
  contact_about: "Log in with your account on {host} to become a contact of {inviter}.",
  submit_contact: "Accept",
  contact_done_title: "You are contacts now",
  contact_invited: "{inviter} would like to be your contact",
  contact_invited_about: "This invitation is for people who already have an account on {host}.",
  contacts_about: "{inviter} will be your first contact.",
  contact_made: "{inviter} is in your contact list.",
  contact_soon: "{inviter} will be in your contact list soon.",
  accept: "Accept the invitation",
  reset_invited: "A new password for {address}",
  reset_invited_about:
    "With this link you choose a new password for your account on {host}. You do not need the old one.",
  reset_from: "This link is from {inviter}.",
  choose_password: "Choose a new password",
  wrong_password: "This is not the password of this account.",
};
