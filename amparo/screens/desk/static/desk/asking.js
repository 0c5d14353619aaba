/** Asking the server for one thing, and saying its refusal in its own sentence. */

const AWAY = () => document.body.dataset.away;

/** @param {string} text a sentence for the person; empty: nothing to say */
export function notice(text) {
  document.querySelector("#notice").textContent = text;
}

/**
 * Post; the response, or null after its refusal was shown.
 * @param {string} url @param {BodyInit} body @param {Record<string, string>} headers
 */
export async function post(url, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST", body, headers: { "X-CSRF-Token": document.body.dataset.csrf, ...headers }, redirect: "manual",
    });
  } catch {
    notice(AWAY());
    return null;
  }
  if (answer.type === "opaqueredirect") return leave();
  notice(answer.ok ? "" : await answer.text());
  return answer.ok ? answer : null;
}

/** Ask what a button asks. @param {HTMLButtonElement} button @param {string} value instead of its own */
export function ask(button, value = button.value) {
  const body = new URLSearchParams();
  if (button.name) body.set(button.name, value);
  return post(button.formAction, body);
}

/** Signed out meanwhile: the page itself leads to the sign-in. */
function leave() {
  location.assign("/console");
  return null;
}
