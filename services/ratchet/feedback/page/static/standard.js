// The editor of a standard works without this. With it, a button's answer takes the form's place
// without a reload, and what is typed does not get lost with the connection.

const main = document.getElementById("main");
const CHANGES_NOTHING = ["save", "try", "show"];
let busy = false;
let changed = false;

document.documentElement.classList.add("scripted");

function say(words) {
  document.getElementById("said").textContent = words;
}

async function send(form, button, choice) {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("action", button.value);
  let answer;
  try {
    // Not form.action: its buttons have that name.
    answer = await fetch(form.getAttribute("action"), { method: "POST", headers: { Accept: "text/html" }, body: fields });
  } catch {
    say("No connection. What you typed is here; try again.");
    return;
  }
  if (choice !== null && choice.value !== fields.get(choice.name)) {
    await send(form, button, choice);
    return;
  }
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/standards/")) {
    changed = false;
    location.assign(answer.url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("editor-page");
  if (fresh === null) {
    const told = page.querySelector(".lead")?.textContent ?? "";
    say(answer.redirected
      ? "You are signed out. Keep this page, sign in in another tab, and copy what you typed."
      : `That did not work. ${told}`);
    return;
  }
  document.getElementById("editor-page").replaceWith(fresh);
  fresh.querySelector("[autofocus]")?.focus();
}

main.addEventListener("submit", async (event) => {
  if (event.target.id !== "editor") return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  changed ||= !CHANGES_NOTHING.includes(event.submitter.value);
  if (event.submitter.value === "try") say("Trying …");
  // Who looks for a kind by its letters chooses several on the way.
  const choice = event.target.querySelector(`select[data-shows="${event.submitter.value}"]`);
  const focused = document.activeElement;
  // The answer takes the form's place, and has nothing that would be typed meanwhile.
  hold(event.target, true, choice);
  try {
    await send(event.target, event.submitter, choice);
  } finally {
    busy = false;
    hold(event.target, false);
    if (focused.isConnected) focused.focus();
  }
});

function hold(form, inert, but = null) {
  for (const control of form.elements) {
    if (control.tagName !== "FIELDSET" && control !== but) control.inert = inert;
  }
}

main.addEventListener("input", () => { changed = true; });

main.addEventListener("change", (event) => {
  const shows = event.target.dataset.shows;
  if (!shows) return;
  event.target.form.requestSubmit(event.target.form.querySelector(`button[value="${shows}"]`));
});

addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
