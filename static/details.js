/* The details of a file: what opens there on demand, its headers or its association, and what stays open over a swap. */
"use strict";

const Details = {
  parts: ["association", "headers"], // each a box within <details data-lazy>, which says where to ask for it

  /** What a swap may take away: the file, and its association if that is open. */
  keep() {
    const association = document.querySelector("#details details[open] > #association");
    return { association, file: document.getElementById("details").dataset.file };
  },

  /** After a swap; whether another file is open now. */
  restore(kept) {
    const { file } = document.getElementById("details").dataset;
    if (kept?.association && file === kept.file) {
      const fresh = document.getElementById("association");
      fresh.parentElement.open = true; // which asks for it again: ticks may have changed
      fresh.replaceWith(kept.association);
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
