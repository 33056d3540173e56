/* Shows the chosen way in the list at first, then keeps the list where it is scrolled to while htmx swaps the page, and
   tells those who listen what is chosen. Without it all still works. */
"use strict";

let scrolledTo = 0;
document.querySelector("#ways-list [aria-current]").scrollIntoView({ block: "nearest" });

document.addEventListener("htmx:beforeSwap", () => { scrolledTo = document.getElementById("ways-list").scrollTop; });

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "methods") return;
  document.getElementById("ways-list").scrollTop = scrolledTo;
  say(document.getElementById("methods").dataset.say);
});
