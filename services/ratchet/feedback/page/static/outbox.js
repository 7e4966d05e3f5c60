// Labels on their way. Each is kept in the browser's storage until the service has said that it has
// it, and is sent under the same id until then: the service takes it once.

import { Refused, SignedOut, Unreachable } from "./server.js";

const PREFIX = "ratchet.label.";
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

export class Outbox {
  #server;
  #labeler;
  #tell;
  #labels = new Map(); // submission id -> label, in the order in which they were given
  #held = null; // id of the one that may still be taken back
  #sending = false;
  #waitMs = FIRST_WAIT_MS;
  #timer;

  /** `tell`: what to do when something was `sent`, is `stuck`, was `refused`, or nobody is `signedOut`. */
  constructor(server, labeler, tell) {
    this.#server = server;
    this.#labeler = labeler;
    this.#tell = tell;
    for (const [id, label] of stored(labeler)) this.#labels.set(id, label);
  }

  get size() {
    return this.#labels.size;
  }

  /** Whether the last try failed: the next one is on its way. */
  get isStuck() {
    return this.#waitMs > FIRST_WAIT_MS;
  }

  get canTakeBack() {
    return this.#held !== null;
  }

  /** Keeps a label, but does not send it yet; the one that was held before is sent. */
  hold(label) {
    this.#labels.set(label.submission_id, label);
    write(PREFIX + label.submission_id, { labeler: this.#labeler, label });
    this.#held = label.submission_id;
    this.send();
  }

  /** The label that was held, which is gone from here; null where it is too late. */
  takeBack() {
    const id = this.#held;
    if (id === null) return null;
    const label = this.#labels.get(id);
    this.#drop(id);
    this.#held = null;
    return label;
  }

  /** Sends the held one too. */
  release() {
    this.#held = null;
    this.send();
  }

  async send() {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      for (let id; (id = this.#next()) !== undefined; ) await this.#sendOne(id);
    } catch (error) {
      if (error instanceof SignedOut) this.#tell.signedOut();
      else if (error instanceof Unreachable) this.#tryLater();
      else throw error;
    } finally {
      this.#sending = false;
    }
  }

  async #sendOne(id) {
    try {
      const answer = await this.#server.post("/labels", this.#labels.get(id));
      this.#waitMs = FIRST_WAIT_MS;
      this.#drop(id);
      this.#tell.sent(answer.counts);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#waitMs = FIRST_WAIT_MS;
      this.#drop(id);
      this.#tell.refused(error.message);
    }
  }

  #next() {
    return [...this.#labels.keys()].find((id) => id !== this.#held);
  }

  #tryLater() {
    this.#timer = setTimeout(() => this.send(), this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
    this.#tell.stuck();
  }

  #drop(id) {
    this.#labels.delete(id);
    try {
      localStorage.removeItem(PREFIX + id);
    } catch {
      // There is no storage, so nothing lies in it.
    }
  }
}

/** What an earlier visit of the same labeler left behind. */
function stored(labeler) {
  const found = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      const entry = JSON.parse(localStorage.getItem(key));
      if (entry.labeler === labeler) found.push([key.slice(PREFIX.length), entry.label]);
    }
  } catch {
    // No storage, as in some private windows: then the labels live as long as the page.
  }
  return found;
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // As above.
  }
}
