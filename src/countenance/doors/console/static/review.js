// A review by keyboard: digits and N choose, Enter decides, J and K go to the next and the one before.

const form = document.querySelector("form[data-review]");
const shortcuts = document.querySelector("[data-shortcuts]");
const KEPT = "countenance-review-shortcuts";
let on = localStorage.getItem(KEPT) !== "off";

if (shortcuts) {
  // Letters as shortcuts disturb who dictates to the computer, so they can be switched off for good.
  const box = shortcuts.querySelector("[data-shortcuts-on]");
  box.checked = on;
  box.addEventListener("change", () => {
    on = box.checked;
    localStorage.setItem(KEPT, on ? "on" : "off");
  });
  shortcuts.hidden = false;
}

const follow = (rel) => document.querySelector(`main a[rel=${rel}]`)?.click();

addEventListener("keydown", (pressed) => {
  if (!on || pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.isComposing) return;
  const where = pressed.target;
  if (where.closest("textarea, select, input:not([type=radio], [type=checkbox])")) return;
  const key = pressed.key.toLowerCase();
  if (key === "j") follow("next");
  else if (key === "k") follow("prev");
  else if (key === "enter" && form.elements.choice && !where.closest("a, button, summary, input[type=checkbox]")) {
    pressed.preventDefault();
    form.requestSubmit();
  } else {
    const choice = form.querySelector(`input[data-key="${CSS.escape(key)}"]`);
    if (!choice) return;
    pressed.preventDefault();
    choice.checked = true;
    choice.focus();
  }
});
