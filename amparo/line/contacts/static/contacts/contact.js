/** The page of one contact. */
import { keepConversation, keepEndings } from "./conversation.js";

for (const form of document.querySelectorAll("form[data-draft]")) keepConversation(form);
const ending = document.querySelector("#wrap-up");
if (ending) keepEndings(ending);
// No element has this id: the browser would move the cursor away from what it scrolls to.
if (ending && location.hash === "#to-close") ending.querySelector(".endings input").focus();
