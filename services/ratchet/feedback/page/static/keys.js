// The keyboard. Keys without Ctrl or Alt can be turned off, for they are in the way of speech input
// and screen readers (WCAG 2.1.4).

const STORED = "ratchet.keys";
const VOTES = { 1: "first", 2: "second", "=": "tie", 0: "both_bad" };

export class Keys {
  /** `actions`: vote(vote), tick(side, letter), undo(), help(). */
  constructor(actions, checkbox, isElsewhere) {
    checkbox.checked = read() !== "off";
    checkbox.addEventListener("change", () => write(checkbox.checked ? "on" : "off"));
    document.addEventListener("keydown", (event) => {
      // A key that is held down would label pairs that nobody has read.
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      if (!checkbox.checked || isElsewhere()) return;
      if (act(actions, event.key, event.shiftKey)) event.preventDefault();
    });
  }
}

function act(actions, key, isShifted) {
  if (key in VOTES) actions.vote(VOTES[key]);
  else if (key === "?") actions.help();
  else if (key === "u") actions.undo();
  else if (/^[a-z]$/i.test(key)) return actions.tick(isShifted ? "second" : "first", key.toLowerCase());
  else return false;
  return true;
}

function read() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function write(value) {
  try {
    localStorage.setItem(STORED, value);
  } catch {
    // Without storage it holds until the page is left.
  }
}
