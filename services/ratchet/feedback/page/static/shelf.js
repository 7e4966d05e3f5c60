// Pairs that are this tab's, the one on the page first: a reload shows it again, for the service
// shows nobody the same pair twice.

export class Shelf {
  #key;

  constructor(standardId, labeler) {
    this.#key = `ratchet.pairs.${standardId}.${labeler}`;
  }

  load() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key)) ?? [];
    } catch {
      return [];
    }
  }

  save(pairs) {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(pairs));
    } catch {
      // Without storage a reload gives this pair up; its lease ends, and others get it.
    }
  }
}
