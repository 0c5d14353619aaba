/** Places of Peru while one types: what the typed letters may mean. */

const TYPING = 150; // ms before places are looked up

/** @param {HTMLInputElement} field @param {HTMLDataListElement} datalist */
export function suggest(field, datalist) {
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const response = await fetch(`${datalist.dataset.places}?q=${encodeURIComponent(field.value)}`).catch(() => null);
      if (response?.ok) datalist.innerHTML = await response.text();
    }, TYPING);
  };
  field.addEventListener("input", look);
  if (field === document.activeElement && field.value) look(); // typed before this script was here
}
