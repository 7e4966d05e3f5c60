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
    help(pair.pointed_at);
    const [first, second] = pair.pointed_at ?? [[], []];
    document.getElementById("criteria").replaceChildren(
      ...pair.criteria.map((criterion, index) => row(criterion, LETTERS[index], broken, { first, second })),
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

/** Says that there is help: of both answers, or of none. */
function help(pointedAt) {
  const said = document.getElementById("helper");
  said.hidden = !pointedAt;
  if (!pointedAt) return;
  said.textContent = pointedAt.some((ids) => ids.length > 0)
    ? "A helper that may err has read both answers, and says “look here” where one may break a rule. Judge for yourself."
    : "A helper that may err has read both answers, and found nothing to point at. Judge for yourself.";
}

function row({ id, sentence }, letter, broken, pointedAt) {
  const key = letter === undefined ? element("span") : element("kbd", { textContent: letter });
  key.setAttribute("aria-hidden", "true");
  const name = element("span", {}, key, element("span", { textContent: sentence }));
  const cell = (side, words) => {
    const input = element("input", { type: "checkbox", id: boxId(side, id), checked: broken[side].includes(id) });
    input.setAttribute("aria-label", `${words} answer breaks: ${sentence}`);
    // The label makes the whole cell the box's, for fingers.
    const label = element("label", { htmlFor: input.id }, input);
    if (pointedAt[side].includes(id)) {
      const mark = element("span", { className: "look", id: `${input.id}-look`, textContent: "look here" });
      mark.append(element("span", { className: "hidden", textContent: " (the helper thinks that it may break this rule)" }));
      input.setAttribute("aria-describedby", mark.id);
      label.append(mark);
    }
    return element("td", {}, label);
  };
  return element("tr", {}, element("th", { scope: "row" }, name), cell("first", "First"), cell("second", "Second"));
}
