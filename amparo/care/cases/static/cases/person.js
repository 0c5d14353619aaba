/** What is known of a person: places are suggested while one types. */
import { suggest } from "../core/places.js";

for (const field of document.querySelectorAll("input[list]")) suggest(field, field.list);
