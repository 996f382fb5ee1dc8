/**
 * Is the script of the forms, which do without it: it asks whether the name is free while it is typed, and
 * shows the passwords to whoever wants to see them.
 */
export const FORM_SCRIPT = `"use strict";
const PAUSE_MS = 400;
const byId = (id) => document.getElementById(id);
const form = document.querySelector("form");
const username = byId("username");

const show = byId("show");
show.closest("p").hidden = false;
show.addEventListener("change", () => {
  for (const field of [byId("password"), byId("repeat")]) {
    if (field) field.type = show.checked ? "text" : "password";
  }
});
// A browser remembers what was typed into a field that shows it.
form.addEventListener("submit", () => {
  show.checked = false;
  show.dispatchEvent(new Event("change"));
});

let timer;
let asked = new AbortController();
function say(problem, free) {
  byId("username-problem").textContent = problem;
  byId("username-free").textContent = free;
  if (problem === "") username.removeAttribute("aria-invalid");
  else username.setAttribute("aria-invalid", "true");
}
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
    say(problem, free);
  } catch {
    // The answer to the form will say it.
  }
}
if (username.hasAttribute("data-check")) {
  username.addEventListener("input", () => {
    clearTimeout(timer);
    asked.abort();
    say("", "");
    if (username.value.trim() !== "") timer = setTimeout(check, PAUSE_MS);
  });
}
`;
