// A pair on the page. Every word of a model or a person is set as text, never as markup.

const ROLES = { system: "Instructions", user: "Person", assistant: "Assistant" };

/** Letters of the rules' keys; u takes a label back. */
export const LETTERS = [..."abcdefghijklmnopqrstvwxyz"];

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

export class PairView {
  #criteria = [];

  show(pair, broken = { first: [], second: [] }) {
    this.#criteria = pair.criteria;
    document.getElementById("why").textContent = pair.why;
    document.getElementById("messages").replaceChildren(...pair.messages.map((m) => turn(m, pair.messages.length > 1)));
    document.getElementById("first").textContent = pair.answers[0];
    document.getElementById("second").textContent = pair.answers[1];
    document.getElementById("criteria").replaceChildren(
      ...pair.criteria.map((criterion, index) => row(criterion, LETTERS[index], broken)),
    );
  }

  /** Ids of the ticked rules of "first" or "second". */
  broken(side) {
    return this.#criteria.map(({ id }) => id).filter((id) => box(side, id).checked);
  }

  /** Ticks or unticks the rule with a letter; false where no rule has it. */
  toggle(side, letter) {
    const criterion = this.#criteria[LETTERS.indexOf(letter)];
    if (criterion === undefined) return false;
    const ticked = box(side, criterion.id);
    ticked.checked = !ticked.checked;
    ticked.scrollIntoView({ block: "nearest" });
    return true;
  }
}

const boxId = (side, criterionId) => `${side}-breaks-${criterionId}`;
const box = (side, criterionId) => document.getElementById(boxId(side, criterionId));

function turn({ role, text }, isNamed) {
  const words = element("p", { className: "words", textContent: text, dir: "auto" });
  if (!isNamed) return words;
  return element("div", { className: "turn" }, element("p", { className: "role", textContent: ROLES[role] ?? role }), words);
}

function row({ id, sentence }, letter, broken) {
  const key = letter === undefined ? element("span") : element("kbd", { textContent: letter });
  key.setAttribute("aria-hidden", "true");
  const name = element("span", {}, key, element("span", { textContent: sentence }));
  const cell = (side, words) => {
    const input = element("input", { type: "checkbox", id: boxId(side, id), checked: broken[side].includes(id) });
    input.setAttribute("aria-label", `${words} answer breaks: ${sentence}`);
    // The label makes the whole cell the box's, for fingers.
    return element("td", {}, element("label", { htmlFor: input.id }, input));
  };
  return element("tr", {}, element("th", { scope: "row" }, name), cell("first", "First"), cell("second", "Second"));
}
