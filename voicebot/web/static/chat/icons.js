/** Line icons, 24 by 24, drawn in the text colour. */

import { html } from "../vendor/lit.js";

/** @param {string} path */
const icon = (path) => html`<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"
  stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
  <path d=${path}></path></svg>`;

export const chatIcon = icon("M4 6.5A2.5 2.5 0 0 1 6.500 4h11A2.500 2.500 0 0 1 20 6.500v7a2.500 2.500 0 0 1-2.500 2.500H12l-5 4v-4h-.5A2.500 2.500 0 0 1 4 13.500zM8 8.750h8M8 11.750h5");
export const closeIcon = icon("M6 6l12 12M18 6 6 18");
export const menuIcon = icon("M5 7h14M5 12h14M5 17h14");
export const sendIcon = icon("M4.500 12h14M12.500 6l6 6-6 6");
export const personIcon = icon("M12 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM5 19.500c.7-3.500 3.500-5 7-5s6.300 1.500 7 5");
export const downIcon = icon("M12 5v14M6 13l6 6 6-6");
