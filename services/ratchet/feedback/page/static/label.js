// The labeling page: a pair, a verdict, the next pair.

import { Keys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { PairView } from "./pair_view.js";
import { Refused, Server, SignedOut, Unreachable } from "./server.js";
import { Shelf } from "./shelf.js";
import { VisibleClock } from "./visible_clock.js";

const UNDO_MS = 60_000;
const LOOK_AGAIN_MS = 3000;
/** No verdict is taken so soon after a pair has come: it would be meant for the one before. */
const SETTLE_MS = 300;

const $ = (id) => document.getElementById(id);
const main = $("main");
const { standard, labeler, csrfToken } = main.dataset;

const server = new Server(csrfToken);
const view = new PairView();
const clock = new VisibleClock();
const shelf = new Shelf(standard, labeler);
const outbox = new Outbox(server, labeler, {
  sent: (counts) => {
    hideTrouble();
    count(counts);
  },
  stuck: showStuck,
  refused: showRefused,
  signedOut,
});

let current = null; // the pair on the page
let aside = shelf.load(); // pairs that come before new ones: of before a reload, or of an undo
let last = null; // what undo brings back: {pair, broken, seconds}
let refused = 0; // labels that were lost since the notice of them was dismissed
let labeled = Number($("count").dataset.labeled);
const wanted = Number($("count").dataset.wanted);
let asking = false;
let isBusy = true;
let undoTimer;
let lookTimer;

function show(pair, broken, seconds) {
  busy(true);
  current = pair;
  shelf.save([pair, ...aside]);
  view.show(pair, broken);
  $("empty").hidden = true;
  // Taken off and put on, so that its arrival is seen.
  $("pair").hidden = true;
  requestAnimationFrame(() => {
    $("pair").hidden = false;
    scrollTo(0, 0);
    $("asked-title").focus({ preventScroll: true });
  });
  clock.start(seconds);
  setTimeout(() => settle(pair), SETTLE_MS);
}

/** While it is, no verdict is taken. */
function busy(is) {
  isBusy = is;
  main.setAttribute("aria-busy", is);
}

function settle(pair) {
  if (current === pair) busy(false);
  refresh();
}

function refresh() {
  $("votes").hidden = false;
  $("votes").classList.toggle("idle", !$("empty").hidden);
  for (const button of document.querySelectorAll("[data-vote]")) button.disabled = current === null;
  $("undo").disabled = !outbox.canTakeBack;
  const known = labeled + outbox.size;
  const isShort = known < wanted;
  $("count-text").textContent = isShort ? `${known} of ${wanted} pairs labeled` : `${known} pairs labeled`;
  $("count-bar").hidden = !isShort;
  $("count-bar").max = wanted || 1;
  $("count-bar").value = known;
}

function count(counts) {
  labeled = counts.labeled;
  refresh();
}

/** Brings the next pair: one that was put aside, or a new one from the service. */
async function next() {
  clearTimeout(lookTimer);
  if (aside.length > 0) {
    show(aside.shift());
    return;
  }
  if (asking) return;
  asking = true;
  try {
    const answer = await server.post(`/label/${encodeURIComponent(standard)}/next`, {});
    count(answer.counts);
    arrived(answer.pair);
  } catch (error) {
    if (error instanceof SignedOut) signedOut();
    else if (error instanceof Refused) trouble(`There is nothing to label here: ${error.message}.`);
    else if (error instanceof Unreachable) {
      showStuck();
      lookLater();
    } else throw error;
  } finally {
    asking = false;
  }
}

function arrived(pair) {
  if (!outbox.isStuck) hideTrouble();
  if (pair === null && current === null) {
    $("empty").hidden = false;
    busy(false);
    refresh();
    lookLater();
  } else if (current !== null && pair !== null) {
    // An undo was faster.
    aside.push(pair);
    shelf.save([current, ...aside]);
  } else if (pair !== null) show(pair);
}

function lookLater() {
  lookTimer = setTimeout(() => (document.hidden ? lookLater() : current === null && next()), LOOK_AGAIN_MS);
}

function vote(verdict) {
  if (current === null || isBusy) return;
  const broken = { first: view.broken("first"), second: view.broken("second") };
  const seconds = clock.stop();
  last = { pair: current, broken, seconds };
  outbox.hold({
    pair_id: current.pair_id,
    submission_id: randomId(),
    vote: verdict,
    broken_first: broken.first,
    broken_second: broken.second,
    seconds,
  });
  clearTimeout(undoTimer);
  undoTimer = setTimeout(release, UNDO_MS);
  clear();
  say("Label kept.");
  next();
}

function clear() {
  current = null;
  busy(true);
  $("pair").hidden = true;
  shelf.save(aside);
  refresh();
}

function undo() {
  if (outbox.takeBack() === null) return;
  clearTimeout(undoTimer);
  if (current !== null) aside.unshift(current);
  show(last.pair, last.broken, last.seconds);
  last = null;
  say("Label taken back.");
  refresh();
}

function release() {
  outbox.release();
  refresh();
}

function say(words) {
  $("said").textContent = words;
}

function trouble(...words) {
  $("trouble").replaceChildren(...words);
  $("trouble").hidden = false;
  refresh();
}

function hideTrouble() {
  $("trouble").hidden = true;
}

/** It stays until somebody has read it: what the label said is lost. */
function showRefused(why) {
  hideTrouble();
  refused += 1;
  $("refused-text").textContent =
    refused === 1 ? `1 label could not be taken: ${why}.` : `${refused} labels could not be taken; the last one: ${why}.`;
  $("refused").hidden = false;
  refresh();
}

function dismissRefused() {
  refused = 0;
  $("refused").hidden = true;
  // The button that had the focus is gone.
  $(current === null ? "help-open" : "asked-title").focus();
}

function showStuck() {
  const kept = outbox.size === 1 ? "1 label is" : `${outbox.size} labels are`;
  trouble(
    outbox.size === 0
      ? "No connection. This page tries again by itself."
      : `No connection. ${kept} kept in this browser, and will be sent when it is back.`,
  );
}

function signedOut() {
  const link = Object.assign(document.createElement("a"), { href: "/sign-in", textContent: "Say who you are" });
  trouble("You are no longer signed in. ", link, ", with the same name, and the labels that are kept here will be sent.");
}

/** `crypto.randomUUID` is there only over TLS or on this machine. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const help = () => $("help").showModal();
for (const button of document.querySelectorAll("[data-vote]"))
  button.addEventListener("click", () => vote(button.dataset.vote));
$("refused-close").addEventListener("click", dismissRefused);
$("undo").addEventListener("click", undo);
$("help-open").addEventListener("click", help);
new Keys({ vote, undo, help, tick: (side, letter) => current !== null && view.toggle(side, letter) }, $("keys-on"), () => $("help").open);

document.addEventListener("visibilitychange", () => document.hidden && release());
addEventListener("pagehide", release);
addEventListener("online", () => {
  outbox.send();
  if (current === null) next();
});

refresh();
outbox.send();
next();
