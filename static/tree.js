/* The tree as the ARIA Authoring Practices describe it: one tab stop, arrows, Home, End, type-ahead, Space, Enter.
   The server's rows are links and buttons that work by themselves; here they get roles, and leave the tab order. */
"use strict";

const Tree = {
  /** Give roles and one tab stop to the rows of the page; again after each swap. */
  enhance() {
    const tree = document.getElementById("tree");
    if (!tree) return;
    tree.setAttribute("role", "tree");
    tree.setAttribute("aria-multiselectable", "true");
    for (const row of tree.querySelectorAll(":scope > li.row:not([role])")) {
      row.setAttribute("role", "treeitem");
      row.dataset.path = row.querySelector(".tick").value;
      row.tabIndex = -1;
      const label = row.querySelector(".label").textContent;
      const cells = [...row.children].slice(1).map((cell) => cell.textContent.trim()).filter(Boolean);
      row.setAttribute("aria-label", [label, ...cells].join(", "));
      if (row.classList.contains("folder")) row.setAttribute("aria-expanded", String(row.classList.contains("open")));
      for (const inner of row.querySelectorAll("a, button")) inner.tabIndex = -1;
      Tree.showState(row);
    }
    const more = document.getElementById("more");
    more?.setAttribute("role", "none");
    const rows = Tree.rows();
    if (rows.length && !rows.some((row) => row.tabIndex === 0)) {
      (rows.find((row) => row.getAttribute("aria-checked") === "true") ?? rows[0]).tabIndex = 0;
    }
  },

  rows: () => [...document.querySelectorAll("#tree > li.row")],

  showState(row) {
    const tick = row.querySelector(".tick");
    const state = ["true", "mixed"].find((each) => tick.classList.contains(each)) ?? "false";
    row.setAttribute("aria-checked", state);
  },

  focus(row) {
    if (!row) return;
    for (const other of document.querySelectorAll("#tree > li.row[tabindex='0']")) other.tabIndex = -1;
    row.tabIndex = 0;
    row.focus({ preventScroll: false });
  },

  parent(row) {
    const level = Number(row.getAttribute("aria-level"));
    let above = row.previousElementSibling;
    while (above && Number(above.getAttribute("aria-level")) >= level) above = above.previousElementSibling;
    return above?.matches("li.row") ? above : null;
  },

  typed: "",
  typedAt: 0,

  typeAhead(row, key) {
    const now = Date.now();
    Tree.typed = now - Tree.typedAt > 700 ? key : Tree.typed + key;
    Tree.typedAt = now;
    const rows = Tree.rows();
    const start = rows.indexOf(row) + (Tree.typed.length === 1 ? 1 : 0);
    const wanted = Tree.typed.toLowerCase();
    const order = [...rows.slice(start), ...rows.slice(0, start)];
    Tree.focus(order.find((each) => each.querySelector(".label").textContent.toLowerCase().startsWith(wanted)));
  },

  key(event) {
    const row = event.target.closest?.("#tree > li.row");
    if (!row || event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return;
    const isFolder = row.classList.contains("folder");
    const isOpen = row.classList.contains("open");
    const rows = Tree.rows();
    const at = rows.indexOf(row);
    const toggle = () => row.querySelector(".label").click();
    switch (event.key) {
      case "ArrowDown": Tree.focus(rows[at + 1]); break;
      case "ArrowUp": Tree.focus(rows[at - 1]); break;
      case "Home": Tree.focus(rows[0]); break;
      case "End": Tree.focus(rows.at(-1)); break;
      case "ArrowRight":
        if (isFolder && !isOpen) toggle();
        else if (isFolder) Tree.focus(rows[at + 1]);
        break;
      case "ArrowLeft":
        if (isFolder && isOpen) toggle();
        else Tree.focus(Tree.parent(row));
        break;
      case "Enter": row.querySelector(".label").click(); break;
      case " ": row.querySelector(".tick").click(); break;
      default:
        if (event.key.length !== 1) return;
        Tree.typeAhead(row, event.key);
    }
    event.preventDefault();
  },
};

document.addEventListener("keydown", Tree.key);
/* A name that is cut in its middle is whole in its tooltip; made when looked at, as 200 rows would carry it for nothing. */
document.addEventListener("pointerover", (event) => {
  const label = event.target.closest?.("#tree .label");
  if (label && !label.title) label.title = label.textContent.trim();
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("#tree > li.row");
  if (row && event.target === row && row.tabIndex !== 0) Tree.focus(row);
});
