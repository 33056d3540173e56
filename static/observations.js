/* The Observations page: marks outlive paging and filters (in this tab), and the button says how many they are.
   Everything works without it, a page at a time. */
"use strict";

const KEY = "skybasket.marked";
const here = () => document.getElementById("observations");
const boxes = () => [...document.querySelectorAll("td.mark input[name=id]")];
const marked = new Set(here() ? JSON.parse(sessionStorage.getItem(KEY) ?? "[]") : []);

/** Bring boxes, counts and the button in line with the marks. */
function show() {
  const every = document.getElementById("match");
  const all = every?.checked ?? false;
  const shown = boxes();
  if (here()) {
    for (const box of shown) {
      box.checked = all || marked.has(box.value);
      box.disabled = all;
    }
    sessionStorage.setItem(KEY, JSON.stringify([...marked]));
    const there = new Set(shown.map((box) => box.value));
    const elsewhere = document.getElementById("elsewhere");
    if (elsewhere) {
      elsewhere.value = [...marked].filter((id) => !there.has(id)).join(" ");
      elsewhere.disabled = all || !elsewhere.value;
    }
  }
  const ticked = shown.filter((box) => box.checked);
  const page = document.getElementById("mark-page");
  if (page) {
    page.hidden = false;
    page.disabled = all;
    page.checked = ticked.length === shown.length;
    page.indeterminate = ticked.length > 0 && !page.checked;
  }
  tally(all ? Number(here().dataset.total) : here() ? marked.size : ticked.reduce((sum, box) => sum + Number(box.dataset.count), 0));
}

function tally(count) {
  const button = document.getElementById("add");
  const number = count.toLocaleString("en");
  if (button) {
    button.disabled = count === 0;
    button.querySelector("span").textContent = count ? `Add ${number} observation${count === 1 ? "" : "s"} to basket` : "Add marked to basket";
  }
  const words = document.getElementById("marked");
  if (words) {
    words.textContent = count ? `· ${number} marked` : "";
    document.getElementById("unmark").hidden = count === 0;
  }
  if (tally.last !== undefined && tally.last !== count) say(`${number} marked`);
  tally.last = count;
}

function mark(box, on) {
  box.checked = on;
  if (here()) marked[on ? "add" : "delete"](box.value);
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("td.mark input[name=id]")) mark(box, box.checked);
  else if (box.id === "mark-page") for (const each of boxes()) mark(each, box.checked);
  else if (box.id !== "match") return;
  show();
});

/* Shift and a click mark a whole stretch, as in a mail program. */
let last = null;
document.addEventListener("click", (event) => {
  const box = event.target;
  if (box.id === "unmark") {
    marked.clear();
    if (document.getElementById("match")) document.getElementById("match").checked = false;
    show();
    document.getElementById("mark-page")?.focus();
  } else if (box.matches?.("td.mark input[name=id]")) {
    const rows = boxes();
    const ends = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && ends[0] >= 0) for (const each of rows.slice(ends[0], ends[1] + 1)) mark(each, box.checked);
    last = box;
  }
});

/* Filters stay where they are scrolled to; a sentence about a mistake goes when the mistake has gone. */
let scrolled = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "alerts") event.detail.swapOverride = "innerHTML"; // the box stays, whatever the sender swaps
  scrolled = [...document.querySelectorAll("#facets, #facets .scroll")].map((pane) => [pane.id, pane.scrollTop]);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "observations") return;
  for (const [id, top] of scrolled) document.getElementById(id)?.scrollTo(0, top);
  document.querySelector("#alerts .message.bad")?.remove();
  const title = document.querySelector("#answer h1");
  if (event.detail.requestConfig?.verb === "post") {
    marked.clear();
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }
  tally.last = undefined;
  show();
  say(title.textContent);
});
document.addEventListener("htmx:historyRestore", show);
document.addEventListener("submit", (event) => {
  if (event.target.id === "mark" && !here()) sessionStorage.removeItem(KEY);
});
window.addEventListener("pageshow", show);
