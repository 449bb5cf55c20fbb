// Follows a sync: asks for the account's revision, and when it has grown fetches this page again and puts in what
// changed. Without script all pages work; they just don't follow.
"use strict";

const SECONDS_BETWEEN = 1;
const announcement = document.getElementById("announcement");
let revision = Number(document.body.dataset.revision);
let changedSinceSaid = false;

function isInUse(part) {
  const selection = document.getSelection();
  const selecting = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  return selecting || (part.contains(document.activeElement) && document.activeElement.matches("a, summary, input, select"));
}

function replaceContent(part, fresh) {
  const open = new Set([...part.querySelectorAll("details[open]")].map((one) => one.id));
  const scrolled = [...part.querySelectorAll(".scroll, .plot")].map((one) => one.scrollLeft);
  for (const one of fresh.querySelectorAll("details")) one.open = open.has(one.id);
  part.replaceChildren(...fresh.childNodes);
  part.querySelectorAll(".scroll, .plot").forEach((one, at) => { one.scrollLeft = scrolled[at] ?? 0; });
}

async function update() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  let complete = true;
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (!other || other.innerHTML === part.innerHTML) continue;
    // What somebody reads with the keyboard, or marks, stays until they go on.
    if (isInUse(part)) complete = false;
    else replaceContent(part, other);
  }
  if (complete) revision = Number(fresh.body.dataset.revision);
  return true;
}

async function follow() {
  const started = performance.now();
  try {
    if (!document.hidden) {
      const known = await (await fetch(document.body.dataset.revisionUrl)).json();
      if (known.revision !== revision) {
        changedSinceSaid = (await update()) || changedSinceSaid;
      } else if (changedSinceSaid) {
        // Said once it is quiet: not with every request of a sync.
        announcement.textContent = "The figures on this page were updated.";
        changedSinceSaid = false;
      }
    }
  } catch {
    announcement.textContent = "The sandbox has ended. This page shows its last state.";
    return;
  }
  // A page that takes long to make is asked for less often, so that following never slows the sync down much.
  const took = performance.now() - started;
  setTimeout(follow, Math.max(SECONDS_BETWEEN * 1000, took * 5));
}

// A chart that is wider than the window begins with its newest month.
for (const plot of document.querySelectorAll(".plot")) plot.scrollLeft = plot.scrollWidth;

if (document.querySelector("[data-live]")) setTimeout(follow, SECONDS_BETWEEN * 1000);
