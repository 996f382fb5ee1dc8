import type { Translation } from "../translation.js";

export const translation: Translation = {
  direction: "ltr",

  title: "Einladung zu {host}",
  invited: "Du bist zu {host} eingeladen",
  invited_by: "{inviter} lädt dich zu {host} ein",
  about:
    "{host} ist ein Chat-Server. Mit einem Konto dort kannst du allen schreiben, die auch dort sind, und Leuten auf anderen XMPP-Servern, mit einer App deiner Wahl.",
  your_address: "Deine Adresse wird {address} sein.",
  good_until: "Noch {duration} gültig, bis {time}.",
  sandbox:
    "Das hier ist ein Sandkasten zum Ausprobieren: Konten entstehen nur in seinem Speicher, und keine App kann sich mit ihm verbinden.",

  open_in_app: "In einer App öffnen",
  open_in_app_hint:
    "Erst die App: Hole dir eine aus der Liste und komm dann auf diese Seite zurück.",
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

  unknown: "Diese Einladung gibt es nicht",
  unknown_advice:
    "Prüfe, ob du den ganzen Link hast, oder frage den Menschen, der ihn dir geschickt hat.",
  redeemed: "Diese Einladung wurde schon benutzt",
  expired: "Diese Einladung ist abgelaufen",
  revoked: "Diese Einladung wurde zurückgezogen",
  gone_advice: "Bitte den Menschen, der sie dir geschickt hat, um eine neue.",
  too_many: "Zu viele Versuche",
  too_many_advice:
    "Aus deinem Netz kamen zu viele Versuche. Versuche es in {duration} noch einmal.",
};
