/** How the authors' page looks: list, form and what is beside it; one under the other on narrow screens. */

import { css } from "../vendor/lit.js";

export const authoring = css`
  .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  label.act { position: relative; }
  label.act:focus-within { outline: 3px solid var(--vb-focus, #1d6fdc); outline-offset: 1px; }
  .root, .list, .editor, .side, .stack, fieldset, .field, .plain:not(.chip-list), .warn, .steps, .places { grid-template-columns: minmax(0, 1fr); }
  .root { position: relative; overflow: auto; grid-template-rows: auto auto auto; align-content: start; }
  main { display: grid; grid-template-columns: minmax(0, 17rem) minmax(0, 1fr) minmax(0, 24rem); gap: 16px; padding: 16px; align-items: start; }
  @media (max-width: 70rem) { main { grid-template-columns: minmax(0, 15rem) minmax(0, 1fr); } .side { grid-column: 1 / -1; } }
  @media (max-width: 46rem) { main { grid-template-columns: minmax(0, 1fr); padding: 8px; } .items { max-height: 16rem; } }
  .side, .editor, .list { display: grid; gap: 12px; min-width: 0; }
  .items { overflow: auto; max-height: 70dvh; }
  .items button { width: 100%; text-align: start; padding: 6px 8px; border: 1px solid transparent; border-radius: 8px; background: none; color: inherit; min-height: 36px; overflow-wrap: anywhere; font: inherit; }
  .items button:hover { background: var(--vb-bubble); }
  .items button[aria-current] { background: var(--vb-bubble); border-color: var(--vb-control); font-weight: 600; }
  .beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 12px; align-items: start; }
  fieldset { min-width: 0; margin: 0; padding: 12px; border: 1px solid var(--vb-line); border-radius: 10px; display: grid; gap: 12px; background: var(--vb-surface); }
  .field, .chips, details, section { min-width: 0; max-width: 100%; }
  .field.short { max-width: 8rem; }
  .mistake { display: grid; gap: 2px; color: var(--vb-error); font-size: 13px; overflow-wrap: anywhere; }
  [aria-invalid="true"] { border-color: var(--vb-error) !important; }
  .chip-list { display: flex; flex-wrap: wrap; gap: 4px; }
  .chip { display: inline-flex; align-items: center; gap: 2px; max-width: 100%; padding-inline-start: 8px; border-radius: 14px; background: var(--d-mark); font-size: 14px; overflow-wrap: anywhere; }
  .mini-act { min-width: 28px; min-height: 28px; border: 0; border-radius: 14px; background: none; color: inherit; font: inherit; }
  .mini-act:hover { background: var(--vb-bubble); }
  button:focus-visible, a:focus-visible { outline: 3px solid var(--vb-focus, #1d6fdc); outline-offset: 1px; }
  a { color: var(--vb-link); }
  .steps, .places { margin: 0; padding-inline-start: 1.5rem; display: grid; gap: 8px; }
  .step details { padding: 8px; border: 1px solid var(--vb-line); border-radius: 10px; background: var(--vb-surface); }
  .step.bad details { border-color: var(--vb-error); }
  .step summary { min-height: 28px; overflow-wrap: anywhere; }
  .step .stack { margin-block-start: 8px; }
  .places .words { border: 0; padding: 0; background: none; }
  .context { color: var(--vb-muted); overflow-wrap: anywhere; }
  .warn { padding: 8px 12px; border-radius: 8px; background: var(--d-warn); color: var(--d-warn-text); display: grid; gap: 8px; }
  .value { overflow-wrap: anywhere; min-width: 8rem; max-width: 20rem; }
  pre { overflow: auto; max-height: 30rem; margin: 0; padding: 8px; background: var(--vb-sunken); border-radius: 8px; font-size: 13px; }
  progress { width: 100%; }
  .editor-head { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
  .editor-head h2 { overflow-wrap: anywhere; flex: 1 1 12rem; }
`;
