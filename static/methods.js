/* Tells those who listen which way has been chosen; htmx swaps it. Without this all still works. */
"use strict";

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "methods") say(document.getElementById("methods").dataset.say);
});
