/** The telephone of an invented person, in the demonstration: looks for answers every two seconds while it is seen. */

const EVERY = 2000; // ms

const screen = document.querySelector("[data-screen]");
const lines = screen.querySelector("ol");

setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (answer?.status !== 200) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const newest = Number(lines.lastElementChild?.dataset.at ?? 0);
  const added = [...page.querySelectorAll("[data-screen] li")].filter((it) => Number(it.dataset.at) > newest);
  if (!added.length) return;
  screen.querySelector(".quiet")?.remove();
  lines.append(...added); // only what is new: a screen reader reads what is added to a log
}, EVERY);
