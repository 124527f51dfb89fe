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
export const callIcon = icon("M5 4h4l1.500 4.500-2.200 1.600a12 12 0 0 0 5.600 5.600l1.600-2.200L20 15v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1z");
export const hangUpIcon = icon("M3 14.500c5.500-4.700 12.500-4.700 18 0l-2 2.500-3.800-1.500-.2-2.500a12 12 0 0 0-6 0l-.2 2.500L5 17z");
export const muteIcon = icon("M12 4a2.500 2.500 0 0 1 2.500 2.500v5a2.500 2.500 0 0 1-5 0v-5A2.500 2.500 0 0 1 12 4zM6 11.500a6 6 0 0 0 12 0M12 17.500V20M4 4l16 16");
export const keypadIcon = icon("M6 6h.01M12 6h.01M18 6h.01M6 12h.01M12 12h.01M18 12h.01M6 18h.01M12 18h.01M18 18h.01");
