/** What is drawn closed is fetched when somebody opens it: `<details data-fetches="address">`. Until then, and without this
 * script, a link below its summary leads to the same. */

document.addEventListener("toggle", ({ target }) => fill(target), { capture: true }); // this event does not bubble
for (const details of document.querySelectorAll("details[open]")) fill(details); // opened before the script came

/** @param {HTMLDetailsElement} details */
async function fill(details) {
  const address = details.dataset.fetches;
  if (!details.open || !address) return;
  delete details.dataset.fetches; // asked once
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  if (answer?.status !== 200) {
    details.dataset.fetches = address; // the link stays, and who opens it again asks again
    return;
  }
  const brought = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [, ...before] = details.children; // the summary stays where it is, with the focus
  for (const each of before) each.remove();
  details.append(...brought.body.childNodes);
}
