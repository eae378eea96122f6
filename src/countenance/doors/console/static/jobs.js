// Shows how far a job is, as the server tells it; all texts come from there, in the reader's language.

const shown = document.querySelector("[data-events]");
if (shown) {
  const part = (name) => shown.querySelector(`[data-part=${name}]`);
  shown.querySelector("[data-without-script]").hidden = true;
  const bar = part("share");
  const state = part("state");
  const source = new EventSource(shown.dataset.events);
  source.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    if (told.ended) {
      source.close();
      location.reload();
      return;
    }
    if (state.textContent !== told.state) state.textContent = told.state;
    state.className = `badge ${told.badge}`;
    part("settled").textContent = told.settled;
    if (told.share === null) bar.removeAttribute("value");
    else bar.value = told.share;
    part("lines").replaceChildren(...told.lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
    part("message").textContent = told.message;
    part("message").hidden = !told.message;
  });
  // The server ends what it sends when the reader may not look any more; a browser would ask again and again.
  let failures = 0;
  source.addEventListener("open", () => { failures = 0; });
  source.addEventListener("error", () => {
    failures += 1;
    if (failures > 5 || source.readyState === EventSource.CLOSED) {
      source.close();
      shown.querySelector("[data-without-script]").hidden = false;
    }
  });
}
