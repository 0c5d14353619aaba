/** Send one request to the server, and show its refusal as a sentence. */

const AWAY = () => document.body.dataset.away;

/** @param {string} text a sentence for the person; empty: nothing */
export function notice(text) {
  document.querySelector("#notice").textContent = text;
}

/** POST. Returns the response, or null after the refusal was shown. @param {string} url @param {BodyInit} body @param
 * {Record<string, string>} headers @param {string | undefined} failed shown if nothing is kept, without network or when the
 * server cannot do it: its own sentence says that what is typed is kept */
export async function post(url, body, headers = {}, failed = "") {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST", body, headers: { "X-CSRF-Token": document.body.dataset.csrf, ...headers }, redirect: "manual",
    });
  } catch {
    notice(failed || AWAY());
    return null;
  }
  if (answer.type === "opaqueredirect") return leave();
  notice(answer.ok ? "" : (answer.status >= 500 && failed) || await answer.text());
  return answer.ok ? answer : null;
}

/** Send what a button asks for. @param {HTMLElement} button @param {string} value instead of its own */
export async function ask(button, value = button.value) {
  const body = new URLSearchParams();
  if (button.name) body.set(button.name, value);
  for (const field of button.closest("[data-fields]")?.querySelectorAll("input, select") ?? []) body.set(field.name, field.value);
  const { failed, sent } = button.dataset;
  const answer = await post(button.formAction, body, {}, failed);
  if (answer && sent && !document.querySelector("[data-part=strips]")) notice(sent); // else the head of the call says it
  return answer;
}

/** Signed out meanwhile: reload the page, which redirects to the sign-in. */
function leave() {
  location.assign("/console");
  return null;
}
