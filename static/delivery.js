/* Asks how a delivery stands, once a second at first and then less often, while its tab is looked at. When what was just
   asked for is ready, fetching it starts by itself, by the plain link that the page shows too. */
"use strict";

let wait = 200;

function begin() {
  const { start } = document.getElementById("delivery").dataset;
  if (start) location.assign(start);
}

function ask() {
  const delivery = document.getElementById("delivery");
  if (delivery.dataset.final === "1") return;
  setTimeout(async () => {
    if (!document.hidden && !document.activeElement.closest("#delivery .search")) { // what is being typed stays
      const before = delivery.dataset.state;
      try { await htmx.ajax("GET", location.pathname + location.search, { target: "#delivery", swap: "outerHTML" }); } catch { /* said by app.js */ }
      const state = document.getElementById("delivery").dataset.state;
      if (state !== before) say(`This download is ${state}`);
      begin();
    }
    wait = Math.min(wait * 1.4, 10000);
    ask();
  }, wait);
}
begin();
ask();
