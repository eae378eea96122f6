// Takes a picture with the camera, where the browser has one and allows it; the camera is closed afterwards.

for (const zone of document.querySelectorAll("[data-picture]")) {
  // Without a secure context there is no camera to ask for.
  if (!navigator.mediaDevices?.getUserMedia) break;
  const find = (name) => zone.querySelector(`[data-camera-${name}]`);
  const input = zone.querySelector("input[type=file]");
  const panel = zone.querySelector("[data-camera]");
  const video = panel.querySelector("video");
  const offer = find("offer");
  let stream = null;

  const close = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    find("take").disabled = true;
    panel.hidden = true;
    offer.hidden = false;
  };

  const open = async () => {
    find("denied").hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } } });
    } catch {
      find("denied").hidden = false;
      return;
    }
    video.srcObject = stream;
    panel.hidden = false;
    offer.hidden = true;
    find("stop").focus();
  };

  const take = () => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((picture) => {
      const files = new DataTransfer();
      files.items.add(new File([picture], "camera.jpg", { type: "image/jpeg" }));
      input.files = files.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      close();
      input.focus();
    }, "image/jpeg", 0.92);
  };

  offer.hidden = false;
  video.addEventListener("loadeddata", () => {
    find("take").disabled = false;
    find("take").focus();
  });
  find("start").addEventListener("click", open);
  find("take").addEventListener("click", take);
  find("stop").addEventListener("click", close);
  addEventListener("pagehide", close);
}
