// The page works without this: it sends forms without leaving the page, follows what is found out behind, and copies.
"use strict";

const announcement = document.getElementById("announcement");

function isBeingEdited(part) {
  const here = document.activeElement;
  return part.contains(here) && (here.matches("textarea, input[type=text], select") || part.querySelector("input[type=file]")?.files.length);
}

function show(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (!other || other.innerHTML === part.innerHTML || isBeingEdited(part)) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    const open = new Set([...part.querySelectorAll("details[open]")].map((one) => one.id));
    const chosen = new Map([...part.querySelectorAll("input[type=radio]:checked")].map((one) => [one.id, one.value]));
    for (const one of other.querySelectorAll("details")) one.open = open.has(one.id);
    part.replaceChildren(...other.childNodes);
    for (const [id, value] of chosen) {
      const one = document.getElementById(id);
      if (one && one.value === value) one.checked = true;
    }
    if (focused) (document.getElementById(focused) ?? part.querySelector("button, input:not([type=hidden]), a, summary"))?.focus();
  }
  document.body.dataset.revision = fresh.body.dataset.revision;
}

async function fetchPage(address, options) {
  const answer = await fetch(address, options);
  if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.action.endsWith("/language")) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const isUpload = form.enctype === "multipart/form-data";
  if (isUpload) form.reset();
  document.activeElement?.matches("textarea") && document.activeElement.blur();
  await fetchPage(form.action, { method: "POST", body: isUpload ? body : new URLSearchParams(body) });
  announcement.textContent = document.body.dataset.updated;
});

document.addEventListener("click", async (event) => {
  if (event.target.id !== "copy") return;
  await navigator.clipboard.writeText(document.getElementById("mapping").value);
  announcement.textContent = document.body.dataset.copied;
});

document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const input = document.getElementById("file");
  input.files = event.dataTransfer.files;
  input.form.requestSubmit();
});

async function follow() {
  try {
    const known = await (await fetch("/revision")).json();
    if (String(known.revision) !== document.body.dataset.revision) await fetchPage("/");
  } catch {
    return;
  }
  setTimeout(follow, 700);
}
setTimeout(follow, 700);
