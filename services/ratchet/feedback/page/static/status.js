// The status page, kept up to date: the service tells that something has changed, and the page is
// asked for anew. It comes escaped by the service, and what is in it stays where it was open.

const live = document.getElementById("live");
const { standard } = document.getElementById("status").dataset;

async function refresh() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("status");
  if (!answer.ok || fresh === null) {
    location.reload(); // nobody is signed in any more
    return;
  }
  const focused = document.activeElement?.closest("details")?.id;
  for (const open of document.querySelectorAll("details[open]")) {
    const same = fresh.querySelector(`#${CSS.escape(open.id)}`);
    if (same) same.open = true;
  }
  document.getElementById("status").replaceWith(fresh);
  if (focused) document.getElementById(focused)?.querySelector("summary").focus({ preventScroll: true });
}

const changes = new EventSource(`/status/${encodeURIComponent(standard)}/changes`);
let known = null;
changes.addEventListener("message", (event) => {
  live.textContent = "";
  // The first tells what the page shows already, unless the connection was lost meanwhile.
  if (known !== null && known !== event.data) refresh().catch(lost);
  known = event.data;
});
changes.addEventListener("error", lost);

function lost() {
  live.textContent = "No connection. What is shown may be old; this page tries again by itself.";
}
