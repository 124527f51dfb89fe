/** How the assist looks: the words to say are the largest thing beside the conversation. */

import { css } from "../vendor/lit.js";

export const assist = css`
  .assist { min-height: 0; min-width: 0; background: var(--vb-surface); overflow-y: auto; padding: 10px 14px; display: flex; flex-direction: column; gap: 14px; }
  .assist section { display: grid; grid-template-columns: minmax(0, 1fr); gap: 6px; }
  .assist > * { flex: none; }
  .assist h2 { font-size: 13px; color: var(--vb-muted); font-weight: 650; }
  .regions { grid-template-columns: minmax(250px, 290px) minmax(0, 1fr) minmax(300px, 380px); grid-template-rows: minmax(0, auto) minmax(100px, 1fr); }
  .left, .middle { grid-row: 1 / -1; }
  .assist { grid-column: 3; grid-row: 1; max-height: 70dvh; }
  .right { grid-column: 3; grid-row: 2; }
  .assist.idle { display: none; }
  .cues { display: grid; grid-template-columns: minmax(0, 1fr); gap: 8px; }
  .cue { display: grid; grid-template-columns: minmax(0, 1fr); gap: 8px; padding: 8px 12px 10px; border: 2px solid var(--vb-accent); border-inline-start-width: 6px; border-radius: 12px; background: var(--vb-surface); min-width: 0; overflow-wrap: anywhere; line-break: strict; }
  .cue.compliance { border-color: var(--d-grave); }
  .cue.beside { border-width: 1px; border-inline-start-width: 4px; border-color: var(--vb-control); padding: 4px 10px; }
  .cue header { display: grid; gap: 2px; }
  .cue h3 { font-size: 16px; color: var(--vb-text); line-height: 1.35; }
  .cue-kind { display: flex; align-items: center; gap: 2px 8px; min-width: 0; }
  .cue-kind .mark { flex: none; display: inline-flex; align-items: center; gap: 4px; font-weight: 600; }
  .mark.must { background: var(--d-grave); color: var(--d-on-grave); }
  .because { text-align: start; font-size: 13px; min-width: 0; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .cue-talk { font-size: 18px; line-height: 1.65; padding: 8px 12px; border-radius: 8px; background: var(--d-mine); text-wrap: pretty; }
  .beside .cue-talk { font-size: 16px; margin-block: 4px; }
  .cue-talk mark { background: none; color: inherit; font-weight: 700; text-decoration: underline; text-underline-offset: 0.2em; }
  .cue-lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 4px 10px; }
  .cue-list h4 { display: flex; align-items: center; gap: 4px; }
  .cue-list ul { padding-inline-start: 18px; font-size: 14px; line-height: 1.4; }
  .cue-list.do h4 { color: var(--vb-good); }
  .cue-list.dont h4 { color: var(--vb-error); }
  .cue-why { display: grid; gap: 6px; padding: 8px 10px; border-radius: 8px; background: var(--vb-sunken); }
  .cue details summary, .script summary, .knowledge summary, .after summary, .original summary { cursor: pointer; min-height: 24px; font-size: 14px; }
  .cue-nav { justify-content: space-between; }
  .steps { list-style: none; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 2px; }
  .step { padding: 4px 8px; border-radius: 8px; border: 1px solid transparent; }
  .step.current { border-color: var(--vb-accent); background: var(--vb-sunken); }
  .step-line { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; }
  .step-label { flex: 1 1 120px; min-width: 0; overflow-wrap: anywhere; }
  .step.current .step-label { font-weight: 650; }
  .tick { flex: none; display: inline-grid; place-items: center; width: 26px; height: 26px; padding: 0; border: 2px solid var(--vb-control); border-radius: 6px; background: var(--vb-surface); color: inherit; }
  .step.done .tick { background: var(--d-go); border-color: var(--d-go); color: #ffffff; }
  .step.skipped .step-label { text-decoration: line-through; }
  .step-how { padding-inline-start: 34px; display: flex; flex-wrap: wrap; align-items: center; gap: 0 6px; min-width: 0; }
  .step-say { margin: 4px 0 4px 34px; font-size: 16px; line-height: 1.6; padding: 6px 10px; border-radius: 8px; background: var(--d-mine); overflow-wrap: anywhere; }
  .branch { display: flex; align-items: center; gap: 4px; color: var(--vb-muted); }
  .script progress { width: 100%; height: 8px; }
  .script-warn, .overlap { padding: 4px 10px; border-radius: 8px; background: var(--d-warn); color: var(--d-warn-text); }
  .passed-on p { flex: 1 1 160px; min-width: 0; overflow-wrap: anywhere; }
  .lacks { padding: 4px 10px; border-radius: 8px; background: var(--vb-sunken); overflow-wrap: anywhere; }
  .find { flex-wrap: nowrap; }
  .find input { flex: 1; min-width: 0; }
  .entry { padding: 8px 10px; border: 1px solid var(--vb-line); border-radius: 10px; overflow-wrap: anywhere; }
  article.entry { display: grid; gap: 4px; border-inline-start: 4px solid var(--vb-control); }
  .entry h4 { display: flex; align-items: baseline; gap: 4px; font-size: 14px; }
  .entry-text { white-space: pre-wrap; }
  .shared meter { height: 12px; }
  .after-summary { padding-inline-start: 20px; display: grid; gap: 4px; }
  .mend { display: inline-flex; align-items: center; gap: 2px; font-size: 12px; }
  .mending { display: grid; gap: 6px; width: min(520px, 100%); justify-self: stretch; }
  .original { font-size: 13px; color: var(--vb-muted); }
  .peek { grid-row: 4; justify-content: flex-start; justify-self: start; max-width: calc(100% - 20px); margin: 0 10px 8px; border: 2px solid var(--vb-accent); font-weight: 600; overflow-wrap: anywhere; }
  .root.only { grid-template-rows: auto auto minmax(0, 1fr); }
  .only .embed-head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 8px; padding: 4px 14px; background: var(--vb-surface); border-block-end: 1px solid var(--vb-line); }
  @media (min-width: 1640px) {
    .regions { grid-template-columns: minmax(260px, 300px) minmax(0, 1fr) minmax(360px, 420px) minmax(300px, 360px); }
    .assist, .right { grid-row: 1 / -1; max-height: none; }
    .right { grid-column: 4; }
    .assist.idle { display: flex; }
  }
  @media (prefers-reduced-motion: no-preference) {
    .cue { animation: cue-in 160ms ease-out; }
    @keyframes cue-in { from { opacity: 0; } }
  }
  @media (max-width: 979px) {
    .regions { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); }
    .left, .middle, .right, .assist { grid-column: 1; grid-row: 1; max-height: none; }
    .assist.idle.shown { display: flex; }
    .work { grid-template-columns: minmax(0, 1fr); }
    .tabs button { padding-inline: 4px; }
  }
  @media (max-width: 360px) {
    .tabs { padding-inline: 2px; }
    .tabs button { font-size: 13px; padding-inline: 2px; }
  }
  .root.only > .assist { grid-column: 1; grid-row: 3; max-height: none; display: flex; }
  .root.only > .banner, .root.only > [role="status"]:first-child { grid-row: 1; }
  .root.only > .embed-head { grid-row: 2; align-items: center; }
  @media (forced-colors: active) { .cue, .entry, .tick, .step.current { border-style: solid; } }
`;
