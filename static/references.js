/* Ticks of the references page: a box above stands for all below it, and the button says what it will add. Without it
   all still works: the server understands the boxes of types and instruments too. */
"use strict";

const form = document.getElementById("pick");
const button = document.getElementById("add");
let opener = null; // the "used by" that was clicked last

const boxOf = (item) => item.querySelector(":scope > .box > input");
const filesOf = (type) => [...type.querySelectorAll(":scope > details > .files > li input")];
const typesOf = (item) => [...item.querySelectorAll(":scope > details > ul > li")].filter(boxOf);
const instruments = () => [...form.querySelectorAll(":scope > .branches > li")].filter(boxOf);

function show(box, children) {
  box.checked = children.every((child) => child.checked);
  box.indeterminate = !box.checked && children.some((child) => child.checked || child.indeterminate);
}

/** A box that was ticked or unticked says what those below it are. */
function handDown(box) {
  const all = box.name === "all" ? form : box.closest("li");
  for (const each of all.querySelectorAll("input[type=checkbox]")) each.checked = box.checked;
}

/** What is below says what each box is; a type whose files have not been fetched speaks for itself. */
function sumUp() {
  for (const instrument of instruments()) {
    const types = typesOf(instrument);
    for (const type of types) {
      const box = boxOf(type);
      const files = filesOf(type);
      if (!files.length) box.indeterminate = false;
      else if (!(box.checked && files.every((file) => file.checked))) {
        show(box, files);
        if (files.length < Number(box.dataset.files) && box.checked) [box.checked, box.indeterminate] = [false, true];
      }
    }
    show(boxOf(instrument), types.map(boxOf));
  }
  const all = form.querySelector(":scope > .everything input");
  if (all) show(all, instruments().map(boxOf));
}

/** How many files are ticked, their bytes, and how many of them have an unknown size. */
function ticked() {
  const sum = { files: 0, bytes: 0, unknown: 0 };
  for (const type of instruments().flatMap(typesOf)) {
    const box = boxOf(type);
    const counted = box.checked
      ? [box.dataset]
      : filesOf(type).filter((file) => file.checked).map(({ dataset: { bytes } }) => ({ files: 1, bytes, unknown: bytes === "" ? 1 : 0 }));
    for (const each of counted) for (const name of Object.keys(sum)) sum[name] += Number(each[name]);
  }
  return sum;
}

/** As webapp/template_filters.py writes sizes. */
function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB", "PB"];
  let value = bytes / 1000;
  let unit = 0;
  while (Number(value.toFixed(1)) >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} ${units[unit]}`;
}

function volume({ files, bytes, unknown }) {
  if (!unknown) return size(bytes);
  return unknown === files ? "size unknown" : `${size(bytes)} + ${count(unknown)} of unknown size`;
}

const count = (files) => `${files.toLocaleString("en")} file${files === 1 ? "" : "s"}`;

function promise({ aloud }) {
  const sum = ticked();
  const what = sum.files ? `${count(sum.files).replace(" ", " reference ")} (${volume(sum)})` : "reference files";
  button.querySelector("span").textContent = `Add ${what}`;
  button.disabled = !sum.files;
  if (aloud) say(sum.files ? `${what} ticked` : "None ticked");
}

function settle({ aloud = false } = {}) {
  if (!button) return;
  sumUp();
  promise({ aloud });
}

form?.addEventListener("change", (event) => {
  if (event.target.name !== "uri") handDown(event.target);
  settle({ aloud: true });
});

form?.addEventListener("submit", () => setTimeout(() => { button.disabled = true; })); // once: a second would say that all is there

document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => { // before it the new pane has the old one's attributes
  if (target.id.startsWith("of-")) {
    const files = document.getElementById(target.id);
    const box = boxOf(files.closest("details").parentElement);
    if (box?.checked) for (const file of files.querySelectorAll("input")) file.checked = true;
    settle();
  } else if (target.id === "used") showUsers();
});

function showUsers() {
  const pane = document.getElementById("used");
  const shown = form.querySelector("a[aria-current]");
  shown?.removeAttribute("aria-current");
  if (pane.classList.contains("idle")) {
    shown?.focus();
    return;
  }
  opener?.setAttribute("aria-current", "true");
  pane.querySelector("h2").focus({ preventScroll: true });
  say(pane.dataset.say);
}

form?.addEventListener("click", (event) => {
  const link = event.target.closest(".files a");
  if (link) opener = link;
});

/** Arrows go from box to box; Enter on any of them presses the button, as in every form. */
form?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.type !== "checkbox") return;
  event.preventDefault();
  const boxes = [...form.querySelectorAll("input[type=checkbox]")].filter((box) => box.checkVisibility());
  boxes[boxes.indexOf(event.target) + step]?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector("#used:not(.idle) header a")?.click();
});

window.addEventListener("pageshow", () => settle()); // a browser that comes back brings its ticks along
settle();
