// How long a pair was before somebody's eyes.

/** As many as the service takes: a page that was left open for days tells of no reading anyway. */
const MOST_SECONDS = 86_400;

export class VisibleClock {
  #seconds = 0;
  #since = null; // ms; null while the page is hidden or the clock stands

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#pause();
      else if (this.#running) this.#since = performance.now();
    });
  }

  #running = false;

  /** Starts from these seconds. */
  start(seconds = 0) {
    this.#seconds = seconds;
    this.#running = true;
    this.#since = document.hidden ? null : performance.now();
  }

  /** Stops, and returns the seconds, MOST_SECONDS at most. */
  stop() {
    this.#pause();
    this.#running = false;
    return Math.min(this.#seconds, MOST_SECONDS);
  }

  #pause() {
    if (this.#since !== null) this.#seconds += (performance.now() - this.#since) / 1000;
    this.#since = null;
  }
}
