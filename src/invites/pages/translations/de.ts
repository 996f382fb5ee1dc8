import type { Translation } from "../translation.js";

export const translation: Translation = {
  direction: "ltr",

  invited: "Du bist zu {host} eingeladen",
  invited_by: "{inviter} lädt dich zu {host} ein",
  about:
    "{host} ist ein Chat-Server. Mit einem Konto dort kannst du allen schreiben, die auch dort sind, und Leuten auf anderen XMPP-Servern, mit einer App deiner Wahl.",
  your_address: "Deine Adresse wird {address} sein.",
  valid_for: "Noch {duration} gültig, bis {time}.",
  sandbox:
    "Dies ist eine Testumgebung. Konten gibt es nur in ihrem Speicher, und keine App kann sich mit ihr verbinden.",

  open_in_app: "In einer App öffnen",
  open_in_app_hint:
    "Wenn du noch keine App hast, hol dir eine aus der Liste und komm zurück, oder leg dein Konto zuerst hier an.",
  qr_name: "QR-Code dieser Einladung",
  qr_app: "Scanne das mit einer XMPP-App auf einem anderen Gerät.",
  qr_page: "Scanne das, um diese Seite auf einem anderen Gerät zu öffnen.",
  other_device: "Ein anderes Gerät benutzen",

  apps: "Apps zum Chatten",
  apps_for: "Apps für {platform}",
  apps_elsewhere: "Apps für andere Geräte",
  android: "Android",
  ios: "iPhone und iPad",
  windows: "Windows",
  macos: "macOS",
  linux: "Linux",
  web: "Webbrowser",
  web_chat: "Chat im Browser",
  open_web_chat: "Chat im Browser öffnen",
  privacy: "Datenschutzerklärung",

  unknown: "Diese Einladung gibt es nicht",
  unknown_advice:
    "Prüfe, ob du den ganzen Link hast, oder frage die Person, die ihn dir geschickt hat.",
  redeemed: "Diese Einladung wurde schon benutzt",
  expired: "Diese Einladung ist abgelaufen",
  revoked: "Diese Einladung wurde zurückgezogen",
  gone_advice: "Bitte die Person, die sie dir geschickt hat, um eine neue.",
  too_many: "Zu viele Versuche",
  too_many_advice:
    "Aus deinem Netz kamen zu viele Versuche. Versuche es in {duration} noch einmal.",

  create_account: "Konto anlegen",
  create_account_hint: "Danach meldest du dich mit einer App an.",
  register_title: "Konto auf {host} anlegen",
  username: "Benutzername",
  username_hint:
    "Deine Adresse ist dann dieser Name mit @{host}. Sie lässt sich später nicht ändern.",
  password: "Passwort",
  password_hint:
    "Mindestens {count} Zeichen. Gut sind ein paar Wörter, die nichts miteinander zu tun haben.",
  password_kept: "Dein Passwort ist noch da. Tippe hier nur, um es zu ändern.",
  repeat_password: "Passwort wiederholen",
  show_password: "Passwort zeigen",
  submit_register: "Konto anlegen",
  reset_title: "Neues Passwort wählen",
  reset_about:
    "Das gilt für das Konto {address}. Deine Apps werden nach dem neuen Passwort fragen.",
  submit_reset: "Passwort ändern",
  error_title: "Fehler",
  username_required: "Wähle einen Benutzernamen.",
  username_missing: "Gib deinen Benutzernamen ein.",
  username_too_long: "Der Benutzername darf höchstens {count} Zeichen haben.",
  username_forbidden:
    "Der Benutzername darf keine Leerzeichen, keine Emojis und keines der Zeichen \" & ' / : < > @ haben.",
  username_reserved:
    "Dieser Benutzername ist für die Leute reserviert, die den Server betreiben. Wähle einen anderen.",
  username_taken: "{address} ist vergeben. Wähle einen anderen Benutzernamen.",
  preset_taken:
    "{address} hat schon ein Konto. Bitte die Person, die dich eingeladen hat, um eine andere Einladung.",
  preset_refused:
    "{address} ist nicht mehr verfügbar. Bitte die Person, die dich eingeladen hat, um eine andere Einladung.",
  username_refused: "Dieser Benutzername ist nicht möglich. Wähle einen anderen.",
  username_free: "{address} ist frei.",
  password_required: "Wähle ein Passwort.",
  password_missing: "Gib dein Passwort ein.",
  password_too_short: "Das Passwort muss mindestens {count} Zeichen haben.",
  password_too_long: "Das Passwort darf höchstens {count} Zeichen haben.",
  password_forbidden:
    "Das Passwort hat Zeichen, die Apps nicht senden können: etwa einen Tabulator, ein Emoji oder arabische oder hebräische Buchstaben neben anderen.",
  password_is_username: "Das Passwort darf nicht dein Name oder deine Adresse sein.",
  too_many_passwords:
    "Es wurden zu viele falsche Passwörter versucht. Versuche es in zehn Minuten noch einmal.",
  passwords_differ: "Die Passwörter sind nicht gleich.",
  server_away:
    "Der Chat-Server ist gerade nicht erreichbar. Es wurde nichts geändert. Versuche es in einer Minute noch einmal.",
  server_no_answer:
    "Der Chat-Server hat nicht rechtzeitig geantwortet. Versuche es in einer Minute noch einmal.",
  server_refuses:
    "Der Chat-Server hat das nicht angenommen. Frage die Person, die dir die Einladung geschickt hat.",
  register_done_title: "Dein Konto ist fertig",
  reset_done_title: "Dein Passwort wurde geändert",
  register_done:
    "Schreib dir dein Passwort jetzt auf. Diese Seite zeigt es nicht, und niemand kann es nachsehen.",
  reset_done: "Melde dich in jeder deiner Apps mit dem neuen Passwort an.",
  how_to_log_in: "So meldest du dich an",
  log_in_app: "Hole dir eine App aus der Liste unten und öffne sie.",
  log_in_existing: "Wähle dort die Anmeldung mit einem vorhandenen Konto.",
  log_in_with: "Gib diese Adresse und dein Passwort ein:",
  address: "Adresse",
  server: "Server",
  form_stale: "Dieses Formular lässt sich nicht absenden",
  form_too_large: "Dieses Formular ist zu groß",
  form_stale_advice:
    "Es kam von einer anderen Seite oder ist zu alt. Öffne den Link deiner Einladung noch einmal.",

  contact_title: "Einladung annehmen",
  contact_about:
    "Melde dich mit deinem Konto auf {host} an, um ein Kontakt von {inviter} zu werden.",
  submit_contact: "Annehmen",
  contact_done_title: "Ihr seid jetzt Kontakte",
  contact_invited: "{inviter} möchte dein Kontakt sein",
  contact_invited_about: "Diese Einladung ist für Leute, die schon ein Konto auf {host} haben.",
  contacts_about: "{inviter} wird dein erster Kontakt.",
  contact_made: "{inviter} steht in deiner Kontaktliste.",
  contact_soon: "{inviter} steht bald in deiner Kontaktliste.",
  accept: "Einladung annehmen",
  reset_invited: "Ein neues Passwort für {address}",
  reset_invited_about:
    "Mit diesem Link wählst du ein neues Passwort für dein Konto auf {host}. Das alte brauchst du nicht.",
  reset_from: "Dieser Link ist von {inviter}.",
  choose_password: "Neues Passwort wählen",
  wrong_password: "Das ist nicht das Passwort dieses Kontos.",
};
