/* Asks how a delivery stands, once a second at first and then less often, while its tab is looked at. */
"use strict";

let wait = 300;

function ask() {
  const delivery = document.getElementById("delivery");
  if (delivery.dataset.final === "1") return;
  setTimeout(async () => {
    if (!document.hidden) {
      const before = delivery.dataset.state;
      try { await htmx.ajax("GET", location.pathname, { target: "#delivery", swap: "outerHTML" }); } catch { /* said by app.js */ }
      const state = document.getElementById("delivery").dataset.state;
      if (state !== before) say(`This download is ${state}`);
    }
    wait = Math.min(wait * 1.4, 10000);
    ask();
  }, wait);
}
ask();
