// What every page does a little better with a script; all of it works without.

// Files can be dropped where one is chosen, and what was chosen is shown.
for (const zone of document.querySelectorAll("[data-drop]")) {
  const input = zone.querySelector("input[type=file]");
  const preview = document.createElement("img");
  preview.className = "preview";
  preview.alt = "";
  preview.hidden = true;
  zone.append(preview);
  let address = null;
  const show = () => {
    if (address) URL.revokeObjectURL(address);
    const file = input.files[0];
    address = file && file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
    preview.hidden = address === null;
    if (address) preview.src = address;
  };
  input.addEventListener("change", show);
  preview.addEventListener("error", () => { preview.hidden = true; });
  for (const [event, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    zone.addEventListener(event, (dragged) => {
      dragged.preventDefault();
      zone.classList.toggle("over", over);
    });
  }
  zone.addEventListener("drop", (dropped) => {
    if (!dropped.dataTransfer.files.length) return;
    input.files = dropped.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// A form is sent once, however often somebody clicks.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (sent) => {
    if (form.dataset.sent) sent.preventDefault();
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// On a phone the menu begins closed; a window that becomes wider has no button to open it.
const menu = document.querySelector("details.menu");
if (menu) {
  const narrow = matchMedia("(max-width: 56rem)");
  const fit = () => { menu.open = !narrow.matches; };
  narrow.addEventListener("change", fit);
  fit();
}

// What was done is told once: a page that is loaded again does not say it again.
const here = new URL(location.href);
if (here.searchParams.has("done")) {
  here.searchParams.delete("done");
  history.replaceState(null, "", here);
}
