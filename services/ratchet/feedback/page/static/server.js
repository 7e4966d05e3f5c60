// Calls to the service. Whatever may come of a call besides an answer has a class of its own.

/** The service did not answer, or not now: the same call may be made again. */
export class Unreachable extends Error {}

/** Nobody is signed in at this browser any more, or somebody else is. */
export class SignedOut extends Error {}

/** The call is wrong, and would be again; the message says why. */
export class Refused extends Error {}

const LONGEST_WAIT_MS = 20_000;
const NOT_NOW = new Set([408, 425, 429]);

export class Server {
  #csrfToken;

  constructor(csrfToken) {
    this.#csrfToken = csrfToken;
  }

  async post(path, body) {
    let response;
    try {
      response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": this.#csrfToken },
        body: JSON.stringify(body),
        // Goes on when the page is closed meanwhile.
        keepalive: true,
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
      });
    } catch {
      throw new Unreachable();
    }
    if (response.status >= 500 || NOT_NOW.has(response.status)) throw new Unreachable();
    if (response.status === 401 || response.status === 403) throw new SignedOut();
    const answer = await response.json().catch(() => null);
    // What has not the service's form is from elsewhere: a proxy, or another server on its port.
    if (!response.ok && typeof answer?.message === "string") throw new Refused(answer.message);
    if (!response.ok || !answer?.counts) throw new Unreachable();
    return answer;
  }
}
