/* The details of a file: what opens there on demand, as its headers, and which lists of links stay open over a swap. */
"use strict";

const Details = {
  parts: ["provenance", "association", "headers"], // each a box within <details data-lazy>, which says where to ask for it

  /** What a swap may take away: the file, and its lists of links that are open. */
  keep() {
    const lists = [...document.querySelectorAll("#details details[open] > .association")];
    return { lists, file: document.getElementById("details").dataset.file };
  },

  /** After a swap; whether another file is open now. */
  restore(kept) {
    const { file } = document.getElementById("details").dataset;
    for (const list of file === kept?.file ? kept.lists : []) {
      const fresh = document.getElementById(list.id);
      fresh.parentElement.open = true; // which asks for it again: ticks may have changed
      fresh.replaceWith(list);
    }
    return Boolean(file) && file !== kept?.file;
  },
};

document.addEventListener("toggle", (event) => {
  const { lazy } = event.target.dataset ?? {};
  if (!lazy || !event.target.open) return;
  delete event.target.dataset.lazy;
  htmx.ajax("GET", lazy, { target: `#${event.target.querySelector("[id]").id}`, swap: "outerHTML" });
}, true);

let searching;
document.addEventListener("input", (event) => {
  if (event.target.id !== "header-search") return;
  clearTimeout(searching);
  searching = setTimeout(() => {
    const { form } = event.target;
    const query = new URLSearchParams(new FormData(form));
    htmx.ajax("GET", `${form.getAttribute("action")}?${query}`, { target: "#headers", swap: "outerHTML" });
  }, 250);
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("#details [data-header-search]")) event.preventDefault(); // each key asks already
});
