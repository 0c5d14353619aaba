/** The page of one contact. */
import { keepConversation, keepEndings } from "./conversation.js";

for (const form of document.querySelectorAll("form[data-draft]")) keepConversation(form);
const ending = document.querySelector("#wrap-up");
if (ending) keepEndings(ending);
if (ending && location.hash === "#wrap-up") ending.querySelector(".endings input").focus();
