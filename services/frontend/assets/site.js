// What is pleasant, and nothing that is needed: every page works without this file.
"use strict";

// A file may be dropped onto the frame around a file input; its name is shown.
for (const drop of document.querySelectorAll(".drop")) {
  const input = drop.querySelector("input[type=file]");
  if (!input) continue;
  const name = drop.querySelector(".drop-name");
  const show = () => {
    if (name) name.textContent = Array.from(input.files, (file) => file.name).join(", ");
  };
  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("drop-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    drop.addEventListener(kind, () => drop.classList.remove("drop-over"));
  }
  drop.addEventListener("drop", (event) => {
    if (!event.dataTransfer || event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    show();
  });
}

// The time zone of whoever sets up an election.
for (const zone of document.querySelectorAll("input[data-own-zone]")) {
  if (!zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}

// A form is sent once, however often its button is pressed. The button keeps its name and value: those are sent with the form.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
// Going back to a page shows it as it was left; its forms can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A press on the button of a print page.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The turnout as it goes: events from the server, or a question now and then where these do not come.
for (const live of document.querySelectorAll("[data-live]")) {
  const part = (name) => live.querySelector("[data-live-" + name + "]");
  const set = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const show = (now) => {
    set(part("text"), now.text);
    set(part("left"), now.left);
    part("bar").setAttribute("width", now.permille);
    part("on").hidden = false;
    part("off").hidden = true;
    if (!now.is_open) location.reload();
  };
  // What does not come, as after the end of a session, is said by the link to load the page again.
  const lost = () => {
    part("on").hidden = true;
    part("off").hidden = false;
  };
  const ask = () =>
    fetch(live.dataset.live, { redirect: "error", headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject()))
      .then(show)
      .catch(lost);
  let asking = 0;
  const askNowAndThen = () => {
    if (!asking) asking = setInterval(ask, 15000);
    ask();
  };
  if (!window.EventSource) {
    askNowAndThen();
    continue;
  }
  const events = new EventSource(live.dataset.live + "/stream");
  for (const name of ["turnout", "over"]) {
    events.addEventListener(name, (event) => show(JSON.parse(event.data)));
  }
  events.addEventListener("error", () => {
    // The browser connects again by itself, but for an answer that is no stream of events.
    if (events.readyState === EventSource.CLOSED) askNowAndThen();
  });
}

// What goes on by itself is loaded again until it is done.
const again = () => {
  const part = document.querySelector("[data-again]");
  if (!part) return;
  setTimeout(() => {
    fetch(location.href, { redirect: "error" })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject()))
      .then((text) => {
        const found = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
        if (!found || !found.dataset.again) return location.reload();
        if (found.innerHTML !== part.innerHTML) part.innerHTML = found.innerHTML;
        again();
      })
      .catch(again);
  }, Number(part.dataset.again));
};
again();
