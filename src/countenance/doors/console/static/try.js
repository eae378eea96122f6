// Pictures that are tried: too large ones are told at once, and a face and its row light up together.

for (const zone of document.querySelectorAll("[data-picture]")) {
  const input = zone.querySelector("input[type=file]");
  const problem = zone.querySelector("[data-problem]");
  input.addEventListener("change", () => {
    const isTooLarge = input.files.length > 0 && input.files[0].size > Number(zone.dataset.mostBytes);
    problem.hidden = !isTooLarge;
    problem.textContent = isTooLarge ? zone.dataset.tooLarge : "";
    input.setCustomValidity(problem.textContent);
  });
}

for (const list of document.querySelectorAll("[data-faces]")) {
  const drawing = document.querySelector(`[data-drawing="${list.dataset.faces}"]`);
  const parts = [...list.querySelectorAll("[data-face]"), ...(drawing?.querySelectorAll("[data-face]") ?? [])];
  const light = (number) => {
    for (const part of parts) part.classList.toggle("lit", part.dataset.face === number);
  };
  for (const part of parts) {
    for (const begin of ["mouseenter", "focusin"]) part.addEventListener(begin, () => light(part.dataset.face));
    for (const end of ["mouseleave", "focusout"]) part.addEventListener(end, () => light(null));
  }
}
