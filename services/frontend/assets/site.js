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
