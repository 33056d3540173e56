/* What every page does: copy buttons, messages that go, menus that close. Without it all still works. */
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-dismiss]");
  if (button?.dataset.copy !== undefined) {
    const text = button.dataset.copy.startsWith("/") ? new URL(button.dataset.copy, location.href).href : button.dataset.copy;
    await navigator.clipboard.writeText(text);
    button.classList.add("done");
    say("Copied");
    setTimeout(() => button.classList.remove("done"), 1500);
  } else if (button) {
    button.closest(".message").remove();
    const main = document.getElementById("main");
    main.tabIndex = -1;
    main.focus({ preventScroll: true });
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

let saying;
/** Tell screen readers, once things are quiet. */
function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => { document.getElementById("live").textContent = text; }, 400);
}

document.addEventListener("htmx:sendError", () => showProblem("The server cannot be reached. What you see may be old; try again in a moment."));
document.addEventListener("htmx:timeout", () => showProblem("The server did not answer within 30 seconds. Try again in a moment."));

function showProblem(sentence) {
  const box = document.createElement("div");
  box.className = "message bad";
  box.setAttribute("role", "alert");
  box.append(Object.assign(document.createElement("p"), { textContent: sentence }));
  document.getElementById("alerts").replaceChildren(box);
}
