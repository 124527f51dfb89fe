/** How the console looks: three regions on wide screens, one at a time on narrow ones. Text contrast is 4.5:1 or more. */

import { css } from "../vendor/lit.js";

export const page = css`
  :host { display: block; height: 100%; min-height: 0; background: var(--vb-sunken); }
  :host {
    --d-bot: #f0ecf8; --d-bot-edge: #6b4fb3; --d-mine: #e3edf9; --d-other: #e6f3ea; --d-other-edge: #1c7a44;
    --d-warn: #fff1d6; --d-warn-text: #5c3d00; --d-grave: #a61b1b; --d-on-grave: #ffffff; --d-go: #156c3a; --d-mark: #e6eaf0;
  }
  :host([dark]) {
    --d-bot: #2a2440; --d-bot-edge: #b5a1ef; --d-mine: #1d3454; --d-other: #18351f; --d-other-edge: #6fd69b;
    --d-warn: #3a2f12; --d-warn-text: #ffe3a3; --d-grave: #8f1d1d; --d-on-grave: #ffffff; --d-go: #1c7a44; --d-mark: #2b3644;
  }
  .root { display: grid; grid-template-rows: auto auto minmax(0, 1fr); height: 100%; font-size: 15px; line-height: 1.5; }
  h1, h2, h3, h4, p, dl, dd, ul, ol { margin: 0; }
  h1 { font-size: 17px; }
  h2 { font-size: 15px; }
  h3 { font-size: 13px; color: var(--vb-muted); font-weight: 650; }
  h4 { font-size: 13px; font-weight: 650; }
  .small { font-size: 13px; }
  .muted { color: var(--vb-muted); font-weight: 400; }
  .icon { flex: none; vertical-align: -0.2em; }
  .plain { list-style: none; padding: 0; display: grid; gap: 6px; }
  .row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
  .between { justify-content: space-between; }
  .stack { display: grid; gap: 12px; }
  .act {
    display: inline-flex; align-items: center; gap: 6px; min-height: 36px; padding: 4px 12px; border: 1px solid var(--vb-control); border-radius: 8px;
    background: var(--vb-surface); color: var(--vb-text); text-align: start; line-height: 1.3;
  }
  .act:hover { background: var(--vb-bubble); }
  .act[disabled] { opacity: 0.55; cursor: default; }
  .act.primary { background: var(--vb-accent); border-color: transparent; color: var(--vb-on-accent); font-weight: 600; }
  .act.primary:hover { background: var(--vb-accent-strong); }
  .act.go { background: var(--d-go); color: #ffffff; }
  .act.stop { border-color: var(--vb-error); color: var(--vb-error); }
  .act[aria-pressed="true"] { background: var(--d-warn); color: var(--d-warn-text); border-color: currentColor; }
  .small-act { min-height: 28px; padding: 1px 8px; font-size: 13px; }
  .mini { display: inline-grid; place-items: center; width: 28px; height: 28px; padding: 0; border: 1px solid var(--vb-line); border-radius: 6px; background: var(--vb-surface); }
  .link { min-height: 24px; min-width: 24px; padding: 0 4px; border: 0; background: none; color: var(--vb-link); text-decoration: underline; text-underline-offset: 0.15em; }
  .mark { display: inline-block; padding: 0 6px; border-radius: 4px; background: var(--d-mark); font-size: 12px; line-height: 1.6; }
  .late { color: var(--vb-error); font-weight: 600; }
  .timer { font-variant-numeric: tabular-nums; }
  .field { display: grid; gap: 4px; font-size: 14px; }
  .field em { font-style: normal; color: var(--vb-error); font-size: 12px; }
  .check { display: inline-flex; align-items: center; gap: 6px; min-height: 28px; }
  .check input { width: 20px; height: 20px; margin: 0; accent-color: var(--vb-accent); }
  input:not([type="checkbox"], [type="radio"]), select, textarea {
    width: 100%; min-height: 36px; padding: 6px 10px; border: 1px solid var(--vb-control); border-radius: 8px; background: var(--vb-surface); color: var(--vb-text); font: inherit;
  }
  textarea { resize: vertical; }
  ::placeholder { color: var(--vb-muted); opacity: 1; }
  fieldset.inline { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0; padding: 0; border: 0; min-width: 0; }
  fieldset.stack { gap: 2px; margin: 0; padding: 0; border: 0; min-width: 0; }
  legend { padding: 0; font-size: 13px; font-weight: 650; color: var(--vb-muted); margin-block-end: 4px; }
  input:focus-visible, select:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--vb-focus, #1d6fdc); outline-offset: 1px; }
  .turn:focus { outline: 3px solid var(--vb-focus, #1d6fdc); outline-offset: 1px; }
  .alerts { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 6px; }
  .alert { display: inline-flex; align-items: center; gap: 4px; width: max-content; max-width: 100%; padding: 1px 8px 1px 6px; border-radius: 12px; font-size: 13px; font-weight: 600; background: var(--d-mark); }
  .alert.grave { background: var(--d-grave); color: var(--d-on-grave); }
  .alert.warn { background: var(--d-warn); color: var(--d-warn-text); }
  .who-line { font-size: 17px; font-weight: 700; line-height: 1.35; overflow-wrap: anywhere; }
  .facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 10px; }
  .facts dt { color: var(--vb-muted); font-size: 13px; line-height: 1.75; }
  .facts dd { overflow-wrap: anywhere; }
  .opening { padding: 6px 10px; border-inline-start: 3px solid var(--vb-accent); background: var(--vb-sunken); border-radius: 0 8px 8px 0; }
  .opening-label { font-size: 12px; color: var(--vb-muted); }
  .problem { color: var(--vb-error); }
  .top { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; padding: 6px 16px; background: var(--vb-surface); border-block-end: 1px solid var(--vb-line); }
  .top nav { display: flex; flex-wrap: wrap; gap: 4px; }
  .top > h1 + :not(nav), .top > nav + * { margin-inline-start: auto; }
  .top nav a { padding: 4px 10px; border-radius: 8px; color: var(--vb-link); text-decoration: none; min-height: 28px; }
  .top nav a:hover { text-decoration: underline; }
  .top nav a[aria-current] { background: var(--vb-bubble); color: var(--vb-text); font-weight: 600; }
  .skip { position: absolute; inset-block-start: -100px; inset-inline-start: 8px; z-index: 30; }
  .skip:focus { inset-block-start: 8px; }
  .banner { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: 4px 12px; padding: 6px 16px; background: var(--d-warn); color: var(--d-warn-text); }
  .toast { position: fixed; inset-block-start: 52px; inset-inline: 0; width: max-content; max-width: calc(100vw - 32px); margin-inline: auto; z-index: 40; padding: 8px 16px; border-radius: 10px; background: var(--vb-text); color: var(--vb-surface); box-shadow: var(--vb-shadow); }
  dialog { width: min(560px, calc(100vw - 24px)); max-height: calc(100dvh - 24px); padding: 0; border: 1px solid var(--vb-line); border-radius: 14px; background: var(--vb-surface); color: inherit; box-shadow: var(--vb-shadow); overflow: auto; }
  dialog::backdrop { background: rgb(10 16 26 / 55%); }
  .dialog-head { display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 10px 12px 10px 16px; border-block-end: 1px solid var(--vb-line); position: sticky; inset-block-start: 0; background: var(--vb-surface); z-index: 1; }
  .dialog-body { padding: 16px; display: grid; gap: 12px; }
  .keys { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; }
  kbd { padding: 1px 6px; border: 1px solid var(--vb-control); border-radius: 4px; background: var(--vb-sunken); font: 13px/1.5 ui-monospace, monospace; white-space: nowrap; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { padding: 6px 10px; border-block-end: 1px solid var(--vb-line); text-align: start; vertical-align: top; }
  th { font-size: 13px; color: var(--vb-muted); font-weight: 650; white-space: nowrap; }
  td.number, th.number { text-align: end; }
  caption { text-align: start; font-weight: 650; padding-block: 6px; }
  .scroll { overflow-x: auto; }
  .card { padding: 12px 16px; border: 1px solid var(--vb-line); border-radius: 12px; background: var(--vb-surface); }
  meter { width: 100%; height: 20px; }
  meter, progress { accent-color: var(--vb-accent); }
  @media (forced-colors: active) { .turn, .alert, .mark, .act { border: 1px solid; } }
`;

export const talk = css`
  .part { display: flex; align-items: center; gap: 12px; margin-block-start: 4px; }
  .part::before, .part::after { content: ""; flex: 1; border-block-start: 1px solid var(--vb-line); }
  .turn { display: grid; gap: 2px; max-width: min(620px, 88%); align-self: flex-start; }
  .turn.customer { align-self: flex-start; }
  .turn.bot, .turn.agent { align-self: flex-end; justify-items: end; }
  .turn.note, .turn.private { align-self: center; }
  .turn.system { align-self: center; max-width: 100%; display: block; font-size: 13px; color: var(--vb-muted); text-align: center; border-radius: 6px; }
  .turn.system.grave { padding: 2px 10px; background: var(--d-grave); color: var(--d-on-grave); }
  .byline { font-size: 12px; color: var(--vb-muted); display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: center; }
  .byline .who { font-weight: 650; color: var(--vb-text); }
  .words { padding: 6px 12px; border-radius: 12px; background: var(--vb-surface); border: 1px solid var(--vb-line); white-space: pre-wrap; overflow-wrap: anywhere; line-break: strict; }
  .words a { color: var(--vb-link); }
  .turn.bot .words { background: var(--d-bot); border-color: transparent; border-inline-end: 3px solid var(--d-bot-edge); }
  .turn.agent .words { background: var(--d-other); border-color: transparent; border-inline-end: 3px solid var(--d-other-edge); }
  .turn.mine .words { background: var(--d-mine); border-inline-end-color: var(--vb-accent); }
  .turn.note .words, .turn.private .words { background: var(--d-warn); color: var(--d-warn-text); border: 1px dashed currentColor; }
  .turn.interim .words, .turn.pending .words { border: 1px dashed var(--vb-control); background: var(--vb-surface); }
  .turn.bad .byline { color: var(--vb-error); }
  .read { align-self: flex-end; font-size: 12px; color: var(--vb-muted); }
`;

export const desk = css`
  .work { display: grid; grid-template-rows: auto minmax(0, 1fr); min-height: 0; min-width: 0; }
  .regions { display: grid; grid-template-columns: minmax(250px, 300px) minmax(0, 1fr) minmax(280px, 350px); grid-template-rows: minmax(0, 1fr); gap: 1px; background: var(--vb-line); min-height: 0; }
  .left, .middle, .right { min-height: 0; min-width: 0; background: var(--vb-surface); }
  .left, .right { overflow-y: auto; padding: 12px 14px; display: flex; flex-direction: column; gap: 18px; }
  .right { gap: 14px; }
  .right section { display: grid; gap: 6px; }
  .left section { display: grid; gap: 8px; }
  .tabs { display: none; }
  .presence-now { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; }
  .check-first { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 6px 10px; border-radius: 8px; background: var(--d-warn); color: var(--d-warn-text); }
  .dot { width: 10px; height: 10px; border-radius: 50%; background: var(--vb-control); flex: none; }
  .presence.available .dot { background: var(--vb-good); }
  .presence.no_answer .dot { background: var(--vb-error); }
  .offers { display: grid; gap: 10px; }
  .offer { display: grid; gap: 8px; padding: 12px; border: 2px solid var(--d-go); border-radius: 12px; background: var(--vb-surface); box-shadow: var(--vb-shadow); }
  .offer-title { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
  .lease { display: flex; align-items: center; gap: 8px; font-variant-numeric: tabular-nums; font-size: 13px; }
  .lease progress { flex: 1; height: 8px; min-width: 0; }
  .contact { display: grid; gap: 3px; width: 100%; padding: 8px 10px; border: 1px solid var(--vb-line); border-radius: 10px; background: var(--vb-surface); text-align: start; color: inherit; }
  .contact:hover { background: var(--vb-bubble); }
  .contact.chosen { border-color: var(--vb-accent); box-shadow: inset 4px 0 0 var(--vb-accent); background: var(--vb-sunken); }
  .contact-top { display: flex; justify-content: space-between; gap: 8px; font-weight: 600; }
  .contact-who { overflow-wrap: anywhere; }
  .contact-line { display: flex; flex-wrap: wrap; gap: 2px 8px; font-size: 13px; overflow-wrap: anywhere; }
  .medium { display: inline-flex; align-items: center; gap: 3px; vertical-align: bottom; }
  .badge { flex: none; padding: 0 8px; border-radius: 10px; background: var(--vb-accent); color: var(--vb-on-accent); font-size: 12px; line-height: 20px; align-self: start; }
  .task { display: grid; gap: 4px; padding: 8px 10px; border: 1px solid var(--vb-line); border-radius: 10px; }
  .task .small { display: flex; flex-wrap: wrap; gap: 2px 8px; }
  .task-text { overflow-wrap: anywhere; }
  .middle { display: grid; grid-template-rows: minmax(0, 1fr); position: relative; }
  .talk { display: grid; grid-template-rows: auto auto auto auto minmax(80px, 1fr) auto; min-height: 0; position: relative; }
  .talk-head { padding: 8px 16px; }
  .talk-head h2 { overflow-wrap: anywhere; }
  .bar { display: flex; flex-wrap: wrap; gap: 6px; padding: 4px 16px 8px; grid-row: 2; }
  .call-status { grid-row: 3; display: flex; flex-wrap: wrap; gap: 2px 10px; padding: 2px 16px 8px; font-size: 13px; }
  .call-status.failed, .call-status.poor { color: var(--vb-error); }
  .consult { grid-row: 4; display: grid; gap: 6px; margin: 0 16px 8px; padding: 8px 12px; border-radius: 10px; background: var(--d-warn); color: var(--d-warn-text); }
  .log { grid-row: 5; overflow-y: auto; padding: 12px 16px; display: flex; flex-direction: column; gap: 10px; border-block-start: 1px solid var(--vb-line); background: var(--vb-sunken); }
  .typing { font-size: 13px; color: var(--vb-muted); }
  .jump { position: absolute; inset-block-end: 150px; inset-inline: 0; width: max-content; margin-inline: auto; box-shadow: var(--vb-shadow); z-index: 2; }
  .composer, .wrapup { grid-row: 6; display: grid; gap: 6px; padding: 10px 16px 12px; border-block-start: 1px solid var(--vb-line); position: relative; }
  .composer textarea { min-height: 56px; max-height: 180px; field-sizing: content; }
  .wrapup { gap: 10px; max-height: 60dvh; overflow-y: auto; }
  .canned { position: absolute; inset-block-end: calc(100% - 4px); inset-inline: 12px; max-height: 260px; overflow-y: auto; border: 1px solid var(--vb-control); border-radius: 10px; background: var(--vb-surface); box-shadow: var(--vb-shadow); z-index: 5; }
  .canned-one { display: grid; padding: 8px 12px; border-block-end: 1px solid var(--vb-line); cursor: pointer; font-size: 14px; }
  .canned-one[aria-selected="true"] { background: var(--vb-bubble); box-shadow: inset 4px 0 0 var(--vb-accent); }
  .canned-one em { color: var(--vb-error); font-style: normal; font-size: 13px; }
  .empty { display: grid; place-content: center; padding: 32px; text-align: center; color: var(--vb-muted); }
  .headline { padding-block-end: 12px; border-block-end: 1px solid var(--vb-line); }
  .slot-group { display: grid; gap: 4px; padding: 6px 10px; border-radius: 10px; border: 1px solid var(--vb-line); }
  .slot-group.confirmed { border: 2px solid var(--vb-good); }
  .slot-group.heard { border: 2px dashed var(--vb-control); }
  .slot-group.refused { background: var(--vb-sunken); }
  .slot-group.missing { border-style: dotted; border-color: var(--vb-control); }
  .slot dt { font-size: 13px; color: var(--vb-muted); }
  .slot dd { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; }
  .slot .value { font-weight: 600; overflow-wrap: anywhere; }
  .heard .value, .refused .value, .missing .value { font-weight: 400; }
  .result.ok { color: var(--vb-good); }
  .result.failed, .result.not_fixed, .result.timeout, .result.not_found { color: var(--vb-error); }
  .level.strong { color: var(--vb-good); }
  .level.failed { color: var(--vb-error); }
  .attempt, .earlier { font-size: 14px; overflow-wrap: anywhere; }
  .embed .top h1, .embed .top nav { display: none; }
  @media (max-width: 979px) {
    .regions { grid-template-columns: minmax(0, 1fr); }
    .tabs { display: flex; gap: 2px; padding: 4px 8px; background: var(--vb-surface); border-block-end: 1px solid var(--vb-line); overflow-x: auto; }
    .tabs button { flex: 1; min-height: 36px; padding: 2px 8px; border: 0; border-block-end: 3px solid transparent; background: none; }
    .tabs button[aria-selected="true"] { border-block-end-color: var(--vb-accent); font-weight: 650; }
    .root .regions > :not(.shown) { display: none; }
    .calling .work { grid-template-rows: auto minmax(420px, 1fr); overflow-y: auto; }
    .narrow-offers { padding: 8px; background: var(--vb-sunken); }
    .top { padding: 4px 10px; gap: 2px 8px; }
    .tabs button { white-space: nowrap; font-size: 14px; }
    .talk { grid-template-rows: auto auto auto auto minmax(120px, 1fr) auto; }
    .log { padding: 8px 10px; }
    .bar, .talk-head, .composer, .wrapup { padding-inline: 10px; }
  }
  @media (max-width: 979px) and (max-height: 560px) {
    :host, .root { height: auto; min-height: 100%; }
    .work, .calling .work { display: block; overflow: visible; }
    .talk { display: block; }
    .log { max-height: 60dvh; min-height: 160px; }
    .canned { position: static; }
  }
  @media (max-width: 480px) {
    .top nav:empty, .top .who, .top .icon { display: none; }
    .top .row { gap: 4px; }
    .top .act { padding: 1px 6px; font-size: 13px; }
    .bar .act { min-height: 32px; padding: 2px 8px; font-size: 14px; }
    .embed .top { justify-content: center; }
  }
`;

export const floor = css`
  .floor { min-height: 0; overflow-y: auto; padding: 16px; display: grid; gap: 16px; align-items: start; background: var(--vb-sunken); }
  .floor.watching { grid-template-columns: minmax(0, 3fr) minmax(320px, 2fr); }
  .tables { display: grid; gap: 16px; min-width: 0; }
  .card { display: grid; gap: 10px; min-width: 0; }
  .alert-list li { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; }
  .nowrap { white-space: nowrap; }
  th[scope="row"] { color: var(--vb-text); font-size: 15px; white-space: normal; }
  th[scope="row"].number { white-space: nowrap; }
  tr.needed { background: var(--vb-bubble); }
  .watch { position: sticky; inset-block-start: 0; max-height: calc(100dvh - 90px); display: flex; flex-direction: column; overflow-y: auto; }
  .watch .log { flex: 1 0 auto; max-height: 60dvh; min-height: 160px; overflow-y: auto; padding: 10px; border: 1px solid var(--vb-line); border-radius: 10px; display: flex; flex-direction: column; gap: 8px; background: var(--vb-sunken); }
  .skill-grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; align-items: end; }
  .staffing .tables { max-width: 880px; width: 100%; margin-inline: auto; }
  .terms { display: grid; gap: 2px; }
  .terms dt { font-weight: 650; }
  .terms dd { margin-block-end: 8px; color: var(--vb-muted); }
  @media (max-width: 979px) {
    .floor { padding: 8px; }
    .floor.watching { grid-template-columns: minmax(0, 1fr); }
    .watch { position: static; max-height: none; order: -1; }
    .watch .log { max-height: 50dvh; }
    .card { padding: 10px; }
  }
`;
