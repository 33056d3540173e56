/* The Download Manager's requests: one at a time, in order, each swapping panes that the server made from one state.
   A newer view replaces one that waits or runs; a tick is never dropped. htmx sends, swaps and keeps the history. */
"use strict";

const MOST_PAGES = 10; // as webapp/urls.py: pages of rows that one answer repeats
const queue = [];
let running = null;
let version = null; // of the basket, as this tab's own last request left it
let drawer = false;
let kept = null;

const channel = document.createElement("div"); // what htmx takes for the sender: it outlives every swap
channel.hidden = true;
document.body.append(channel);

const workspace = () => document.getElementById("workspace");

function send(job) {
  if (job.view) {
    for (let i = queue.length - 1; i >= 0; i--) if (queue[i].view) queue.splice(i, 1);
    if (running?.view) htmx.trigger(channel, "htmx:abort");
  }
  queue.push(job);
  next();
}

async function next() {
  if (running || !queue.length) return;
  running = queue.shift();
  workspace().setAttribute("aria-busy", "true");
  try {
    await htmx.ajax(running.method ?? "GET", running.path(), { source: channel, target: running.target ?? "#workspace", swap: "outerHTML", values: running.values?.() });
  } catch { /* aborted, or said by app.js */ }
  running = null;
  workspace().removeAttribute("aria-busy");
  next();
}

/** The address to ask for, with the pages of rows that are already here, and the file that is open by now: a link of the
    details says itself which one that will be. */
function viewing(href, { details = false } = {}) {
  const url = new URL(href, location.href);
  const file = new URLSearchParams(location.search).get("file");
  if (!details) {
    if (file) url.searchParams.set("file", file);
    else url.searchParams.delete("file");
  }
  const through = document.getElementById("tree")?.dataset.through;
  if (through > 1) url.searchParams.set("through", through);
  return url.pathname + url.search;
}

/** What a form sends, with the state of the page as it is when its turn comes. */
function formValues(form, submitter) {
  const sent = Object.fromEntries(new FormData(form, submitter));
  return () => {
    if (!("back" in sent) || form.action.endsWith("/undo")) return sent;
    return { ...sent, ...now() };
  };
}

function now() {
  const through = document.getElementById("tree")?.dataset.through;
  const query = location.search.slice(1);
  const back = through > 1 ? `${query}${query ? "&" : ""}through=${through}` : query;
  return { back, version: version ?? workspace().dataset.version };
}

function filter() {
  const form = document.getElementById("filters");
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const file = new URLSearchParams(location.search).get("file");
  if (file) query.set("file", file);
  send({ view: true, path: () => `${form.getAttribute("action")}?${query}` });
}

function tick(button) {
  const row = button.closest("li.row");
  const on = !button.classList.contains("true");
  button.className = `tick ${on}`;
  Tree.showState(row);
  const values = { path: row.dataset.path, on: on ? "1" : "0" };
  send({ method: "POST", path: () => document.getElementById("ticks").action, values: () => ({ ...values, ...now() }) });
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const box = event.target.closest("#tree .tick");
  if (box && !box.disabled) {
    event.preventDefault();
    tick(box);
    return;
  }
  const link = event.target.closest("a");
  if (!link) return;
  if (link.matches("[data-drawer]")) {
    event.preventDefault();
    drawer = link.hash === "#filters";
    document.getElementById("filters").classList.toggle("shown", drawer);
    if (drawer) document.getElementById("filters").querySelector("input[type=checkbox]").focus();
  } else if (link.matches("#tree .label, #workspace [data-live]")) {
    event.preventDefault();
    const row = link.closest("li.row.file");
    if (row) {
      document.querySelector("#tree [aria-current]")?.removeAttribute("aria-current");
      row.setAttribute("aria-current", "true");
    }
    send(row ? { view: true, path: () => link.href, target: "#details" } : { view: true, path: () => viewing(link.href, { details: link.matches("#details a") }) });
  }
});

/* A swap between press and release takes the pressed control away, and browsers then send no click: its successor gets it. */
let pressed = null;
document.addEventListener("pointerdown", (event) => {
  const control = event.button === 0 ? event.target.closest("#workspace :is(a, button, label)") : null;
  const inRow = control?.matches(".tick") ? " .tick" : control?.matches(".label") ? " .label" : "";
  pressed = control && { control, again: address(control.control ?? control) + inRow };
});
document.addEventListener("pointerup", (event) => {
  if (pressed && !pressed.control.isConnected) {
    const successor = document.querySelector(pressed.again);
    if (successor && (successor.closest("label") ?? successor).contains(event.target)) successor.click();
  }
  pressed = null;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-filters]")) {
    event.preventDefault();
    filter();
  } else if (form.matches("#workspace [data-live], #alerts form[action$='/undo']")) {
    event.preventDefault();
    const menu = form.closest("details.menu");
    menu?.querySelector("summary").focus(); // what goes away takes the focus with it
    menu?.removeAttribute("open");
    if (form.closest(".message")) {
      focusTree();
      form.closest(".message").remove();
    }
    const path = form.getAttribute("action");
    send({ method: "POST", path: () => path, values: formValues(form, event.submitter) });
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("#filters input[type=checkbox]")) filter();
});

document.addEventListener("mouseover", (event) => {
  const hint = event.target.closest?.(".hint > summary");
  if (hint) hint.title = hint.nextElementSibling.textContent; // once for all that can hover, instead of twice in each answer
});

let typing;
document.addEventListener("input", (event) => {
  if (event.target.id !== "name") return;
  clearTimeout(typing);
  typing = setTimeout(filter, 250);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (drawer) document.querySelector("#filters [data-drawer]").click();
  else document.querySelector("#details:not(.idle) header a")?.click();
});

/* Before a swap: where each pane is scrolled to, and what has the focus. After it: the same again. */
function address(element) {
  const row = element.closest("li.row");
  if (row) return `li.row[data-path="${CSS.escape(row.dataset.path)}"]`;
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.name) return `#${element.closest("[id]").id} [name="${element.name}"][value="${CSS.escape(element.value)}"]:not([type=hidden])`;
  return element.matches("summary") ? null : `#${element.closest("[id]").id} a[href="${CSS.escape(element.getAttribute("href") ?? "")}"]`;
}

function focusTree() {
  const row = document.querySelector("#tree [tabindex='0']");
  if (row) row.focus({ preventScroll: true });
  else focusHeading();
}

function focusHeading(id = "files-title") {
  const heading = document.getElementById(id);
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = event.detail;
  const seen = xhr.getResponseHeader("Basket-Version");
  if (seen) version = seen;
  const failed = xhr.status >= 400;
  if (failed && running && running.method === "POST") queue.push({ view: true, path: () => viewing(location.href) });
  if (target.id === "workspace" && !failed && running?.method === "POST" && queue.some((job) => job.method === "POST")) {
    event.detail.shouldSwap = false; // a newer answer is on its way
    return;
  }
  const focused = document.activeElement;
  const rows = Tree.rows();
  kept = {
    scroll: [...document.querySelectorAll("[data-scroll]")].map((pane) => [pane.id, pane.scrollTop, pane.scrollLeft]),
    focus: target.contains(focused) ? address(focused) : null,
    row: rows.indexOf(focused.closest("li.row")),
    details: Details.keep(),
  };
});

document.addEventListener("htmx:afterSwap", (event) => {
  const id = event.detail.target?.id; // none where Back or Forward brought the whole page
  if (id === "alerts" || Details.parts.includes(id)) {
    if (id !== "alerts" && kept?.focus) document.querySelector(kept.focus)?.focus({ preventScroll: true });
    kept = null;
    return;
  }
  if (id === "workspace") document.querySelector("#alerts .message.bad")?.remove();
  const tree = document.getElementById("tree");
  if (id === "more" && tree) tree.dataset.through = running?.page ?? tree.dataset.through;
  Tree.enhance();
  document.getElementById("filters").classList.toggle("shown", drawer);
  const another = Details.restore(kept?.details) && id === "workspace"; // its details begin at their top
  for (const [pane, top, left] of kept?.scroll ?? []) if (!another || pane !== "details") document.getElementById(pane)?.scrollTo(left, top);
  layOutWhatIsSeen();
  const name = document.getElementById("name");
  if (!id || document.activeElement !== name) name.value = document.getElementById("name-now").dataset.name;
  if (kept?.focus && !document.querySelector("#workspace")?.contains(document.activeElement)) {
    const again = document.querySelector(kept.focus) ?? Tree.rows()[Math.min(kept.row, Tree.rows().length - 1)];
    if (again?.matches("li.row")) Tree.focus(again);
    else again?.focus({ preventScroll: true });
    if (document.activeElement === document.body) focusHeading(another ? "details-title" : undefined);
  }
  kept = null;
  tell();
  watch();
});

/* What is far off is not laid out (content-visibility). Until the next frame a browser takes all that is new for far off,
   and a click then falls through to the row: it would be lost. */
function layOutWhatIsSeen() {
  const seen = [...document.querySelectorAll("#tree > .row, #filters .value")].filter((each) => {
    const { top, bottom } = each.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  for (const each of seen) each.style.contentVisibility = "visible";
}

/* Back and Forward: what was asked for before is of no use, but a tick under way must be seen on the restored page. */
window.addEventListener("popstate", () => {
  for (let i = queue.length - 1; i >= 0; i--) if (queue[i].view || queue[i].page) queue.splice(i, 1);
  if (running?.view) htmx.trigger(channel, "htmx:abort");
});
document.addEventListener("htmx:historyRestore", () => {
  document.body.append(channel);
  if (running?.method === "POST") queue.push({ view: true, path: () => viewing(location.href) });
});

function tell() {
  const { say: words, total } = workspace().dataset;
  if (total !== undefined) { // it is the visitor's own basket
    const count = document.getElementById("basket-count");
    count.textContent = Number(total).toLocaleString("en");
    count.hidden = total === "0";
  }
  if (tell.last !== words) say(words);
  tell.last = words;
}

const scrolled = new IntersectionObserver((entries) => {
  const more = entries.find((entry) => entry.isIntersecting)?.target;
  const page = Number(more?.dataset.page);
  if (!more || queue.some((job) => job.page) || running?.page) return;
  const href = more.querySelector("a").getAttribute("href");
  send({ page, target: "#more", path: () => href });
}, { rootMargin: "400px" });

function watch() {
  scrolled.disconnect();
  const more = document.getElementById("more");
  const first = Number(new URLSearchParams(location.search).get("page") ?? 1);
  if (more && Number(more.dataset.page) < first + MOST_PAGES) scrolled.observe(more);
}

Tree.enhance();
tell.last = workspace().dataset.say;
watch();
