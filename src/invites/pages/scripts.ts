import { createHash } from "node:crypto";
import { TIME_FORMAT } from "./translation.js";

/**
 * The script of the forms, which work without it. Before a form is sent it says beside each field what is
 * wrong, as far as no server needs to be asked, in the texts that the page carries; it asks whether a name
 * is free while it is typed; and it shows the passwords on request.
 */
export const FORM_SCRIPT = `"use strict";
const PAUSE_MS = 400;
const byId = (id) => document.getElementById(id);
const form = document.querySelector("form");
const [username, password, repeat] = ["username", "password", "repeat"].map(byId);

function say(field, problem) {
  byId(field.id + "-problem").textContent = problem;
  if (problem === "") field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
}
function problemOf(field) {
  const { ifEmpty = "", ifShort = "", ifDifferent = "" } = field.dataset;
  const { value } = field;
  if ((field === username ? value.trim() : value) === "" && ifEmpty !== "") return ifEmpty;
  if (field === repeat && value !== password.value) return ifDifferent;
  // The server counts characters after a mapping like this one.
  const { length } = [...value.normalize("NFKC")];
  return value !== "" && length < field.minLength ? ifShort : "";
}
form.addEventListener("submit", (event) => {
  const problems = [username, password, repeat]
    .filter((field) => field !== null && !field.readOnly)
    .map((field) => [field, problemOf(field)]);
  const wrong = problems.filter(([, problem]) => problem !== "");
  if (wrong.length > 0) {
    event.preventDefault();
    for (const [field, problem] of wrong) say(field, problem);
    form.querySelector("[aria-invalid]").focus();
    return;
  }
  // A browser remembers what was typed into a field that shows it.
  show.checked = false;
  show.dispatchEvent(new Event("change"));
});
for (const field of [username, password, repeat]) {
  field?.addEventListener("input", () => {
    for (const one of [field, repeat]) {
      if (one?.hasAttribute("aria-invalid")) say(one, problemOf(one));
    }
  });
}

const show = byId("show");
show.closest("p").hidden = false;
show.addEventListener("change", () => {
  for (const field of [password, repeat]) {
    if (field) field.type = show.checked ? "text" : "password";
  }
});

let timer;
let asked = new AbortController();
async function check() {
  asked = new AbortController();
  const fields = new URLSearchParams({
    form_token: form.elements.form_token.value,
    username: username.value,
  });
  try {
    const response = await fetch("username" + location.search, {
      method: "POST",
      body: fields,
      signal: asked.signal,
    });
    if (!response.ok) return;
    const { problem, free } = await response.json();
    say(username, problem);
    byId("username-free").textContent = free;
  } catch {
    // The answer to the form will say it.
  }
}
if (username.hasAttribute("data-check")) {
  username.addEventListener("input", () => {
    clearTimeout(timer);
    asked.abort();
    byId("username-free").textContent = "";
    if (username.value.trim() !== "") timer = setTimeout(check, PAUSE_MS);
  });
}
`;

/** The script that writes the times of a page in the visitor's zone. It is part of the page, so that no time jumps. */
export const TIME_SCRIPT = `
for (const time of document.querySelectorAll("time")) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, ${JSON.stringify(TIME_FORMAT)});
  time.textContent = format.format(new Date(time.dateTime));
}
`;

/** The script of times as a Content-Security-Policy names it. */
export const TIME_SCRIPT_HASH =
  `'sha256-${createHash("sha256").update(TIME_SCRIPT).digest("base64")}'` as const;
