/** How the chat looks. Colours have a contrast of at least 4.5:1 for text and 3:1 for controls, light and dark. */

import { css } from "../vendor/lit.js";

export const colours = css`
  :host {
    --vb-accent: #1d4f91;
    --vb-accent-strong: #163f75;
    --vb-on-accent: #ffffff;
    --vb-surface: #ffffff;
    --vb-sunken: #f4f6f9;
    --vb-bubble: #edf1f6;
    --vb-text: #18212e;
    --vb-muted: #55616f;
    --vb-line: #d4dbe4;
    --vb-control: #7b8796;
    --vb-link: #174a8c;
    --vb-warn-surface: #fff6e0;
    --vb-warn-text: #5c4300;
    --vb-error: #a61b1b;
    --vb-good: #1c7a44;
    --vb-shadow: 0 1px 2px rgb(16 32 56 / 10%), 0 12px 40px rgb(16 32 56 / 18%);
    --vb-scheme: light;
  }
  :host([dark]) {
    --vb-accent: #2a62ad;
    --vb-accent-strong: #3570c0;
    --vb-surface: #141a23;
    --vb-sunken: #0e131a;
    --vb-bubble: #232d3b;
    --vb-text: #e9eef5;
    --vb-muted: #a9b5c4;
    --vb-line: #303b4a;
    --vb-control: #7f8d9f;
    --vb-link: #9fc6ff;
    --vb-warn-surface: #3a2f12;
    --vb-warn-text: #ffe3a3;
    --vb-error: #ff9d95;
    --vb-good: #6fd69b;
    --vb-shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 40px rgb(0 0 0 / 55%);
    --vb-scheme: dark;
  }
  /* Nothing of the page around reaches in: inherited values start anew, and sizes are pixels because a rem is the page's. */
  .root {
    all: initial;
    color-scheme: var(--vb-scheme);
    font: 400 16px/1.55 system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Yu Gothic UI", "Noto Sans JP",
      "Noto Sans CJK JP", sans-serif;
    color: var(--vb-text);
    text-align: start;
  }
  *, *::before, *::after { box-sizing: border-box; }
  button { font: inherit; color: inherit; cursor: pointer; }
  button:focus-visible, textarea:focus-visible, a:focus-visible, .log:focus-visible {
    outline: 3px solid var(--vb-focus, #1d6fdc);
    outline-offset: 2px;
  }
  :host([dark]) { --vb-focus: #8fbcff; }
  .hidden {
    position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  }
`;

export const chatStyles = css`
  :host { display: block; height: 100%; min-height: 0; background: var(--vb-surface); }
  .root.chat {
    display: grid; grid-template-rows: auto auto auto minmax(144px, 1fr) auto auto; height: 100%; min-width: 0;
    position: relative;
  }
  header {
    display: flex; align-items: center; gap: 8px; padding: 10px 12px 10px 16px;
    border-bottom: 1px solid var(--vb-line);
  }
  .who { flex: 1; min-width: 0; }
  .brand { margin: 0; font-size: 17px; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
  .state { margin: 0; font-size: 13px; line-height: 1.4; color: var(--vb-muted); display: flex; align-items: center; gap: 6px; }
  .dot { width: 8px; height: 8px; border-radius: 50%; background: var(--vb-control); flex: none; }
  .dot.open { background: var(--vb-good); }
  .dot.waiting, .dot.offline { background: #c98a00; }
  .dot.refused { background: var(--vb-error); }
  .tool {
    display: inline-grid; place-items: center; width: 40px; height: 40px; padding: 0; border: 0; border-radius: 8px;
    background: none; color: var(--vb-muted);
  }
  .tool:hover, .tool[aria-expanded="true"] { background: var(--vb-bubble); color: var(--vb-text); }
  .menu {
    position: absolute; z-index: 3; inset-block-start: 56px; inset-inline-end: 12px; margin: 0; padding: 6px; list-style: none;
    background: var(--vb-surface); border: 1px solid var(--vb-line); border-radius: 12px; box-shadow: var(--vb-shadow);
    max-width: calc(100% - 24px);
  }
  .menu button { display: block; width: 100%; min-height: 40px; padding: 6px 14px; border: 0; border-radius: 8px; background: none; text-align: start; }
  .menu button:hover { background: var(--vb-bubble); }
  .notice { margin: 0; padding: 8px 16px; font-size: 13px; line-height: 1.5; color: var(--vb-muted); background: var(--vb-sunken); border-bottom: 1px solid var(--vb-line); word-break: auto-phrase; text-wrap: pretty; }
  .banner {
    display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; margin: 0; padding: 8px 16px;
    font-size: 14px; line-height: 1.5; background: var(--vb-warn-surface); color: var(--vb-warn-text); border-bottom: 1px solid var(--vb-line);
  }
  .banner span { flex: 1 1 192px; }
  .banner button { min-height: 32px; padding: 2px 12px; border: 1px solid currentColor; border-radius: 8px; background: none; }
  .middle { position: relative; min-height: 0; }
  .log { height: 100%; overflow-y: auto; overscroll-behavior: contain; padding: 16px; outline-offset: -3px !important; scrollbar-width: thin; }
  .line { display: flex; flex-direction: column; align-items: flex-start; margin-block-start: 14px; animation: arrive 160ms ease-out; }
  .line:first-child { margin-block-start: 0; }
  .line.same { margin-block-start: 4px; }
  .line.customer { align-items: flex-end; }
  .text {
    margin: 0; max-width: min(544px, 86%); padding: 8px 14px; border-radius: 16px; white-space: pre-wrap;
    overflow-wrap: anywhere; line-break: strict; word-break: auto-phrase; text-wrap: pretty; background: var(--vb-bubble);
  }
  .bot .text, .agent .text { border-start-start-radius: 4px; }
  .customer .text { background: var(--vb-accent); color: var(--vb-on-accent); border-end-end-radius: 4px; }
  .agent .text { box-shadow: inset 3px 0 0 var(--vb-good); }
  .pending .text { opacity: 0.999; background: var(--vb-surface); color: var(--vb-text); box-shadow: inset 0 0 0 1px var(--vb-control); }
  .text a { color: var(--vb-link); text-decoration: underline; text-underline-offset: 0.15em; }
  .customer .text a { color: inherit; }
  .meta { margin-block-start: 3px; padding-inline: 4px; font-size: 12px; line-height: 1.4; color: var(--vb-muted); }
  .meta.bad { color: var(--vb-error); }
  .meta button { min-height: 24px; padding: 0 8px; margin-inline-start: 4px; border: 1px solid currentColor; border-radius: 6px; background: none; }
  .line.system { align-items: center; }
  .line.system .text { background: none; border: 1px solid var(--vb-line); color: var(--vb-muted); font-size: 14px; text-align: center; border-radius: 12px; }
  .day, .new { display: flex; align-items: center; gap: 12px; margin-block: 16px 14px; font-size: 12px; color: var(--vb-muted); }
  .day:first-child { margin-block-start: 0; }
  .day::before, .day::after, .new::before, .new::after { content: ""; flex: 1; border-block-start: 1px solid var(--vb-line); }
  .new { color: var(--vb-link); font-weight: 600; }
  .new::before, .new::after { border-color: currentColor; }
  .typing { display: inline-flex; gap: 5px; margin-block-start: 8px; padding: 13px 14px; border-radius: 16px; border-start-start-radius: 4px; background: var(--vb-bubble); }
  .typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--vb-muted); animation: breathe 1.2s infinite ease-in-out; }
  .typing i:nth-child(2) { animation-delay: 0.15s; }
  .typing i:nth-child(3) { animation-delay: 0.3s; }
  .jump {
    position: absolute; inset-block-end: 12px; inset-inline: 0; width: max-content; max-width: 90%; margin-inline: auto; z-index: 2; display: flex; align-items: center; gap: 6px;
    min-height: 36px; padding: 4px 14px; border: 1px solid var(--vb-line); border-radius: 32px;
    background: var(--vb-surface); color: var(--vb-link); font-size: 14px; box-shadow: var(--vb-shadow);
  }
  .choices { display: flex; flex-wrap: wrap; gap: 8px; padding: 4px 16px 12px; }
  .choices button, .again {
    min-height: 40px; padding: 4px 16px; border: 1px solid var(--vb-accent-strong); border-radius: 20px; background: var(--vb-surface);
    color: var(--vb-link); font-weight: 550; overflow-wrap: anywhere;
  }
  .choices button:hover, .again:hover { background: var(--vb-bubble); }
  footer { padding: 10px 16px max(12px, env(safe-area-inset-bottom)); border-block-start: 1px solid var(--vb-line); background: var(--vb-sunken); }
  form { display: flex; align-items: flex-end; gap: 8px; }
  textarea {
    flex: 1; min-width: 0; min-height: 44px; max-height: 144px; padding: 9px 14px; resize: none; field-sizing: content; font: inherit;
    color: var(--vb-text); background: var(--vb-surface); border: 1px solid var(--vb-control); border-radius: 14px;
  }
  textarea::placeholder { color: var(--vb-muted); opacity: 1; }
  textarea[aria-invalid="true"] { border-color: var(--vb-error); }
  .send {
    display: inline-flex; align-items: center; justify-content: center; gap: 4px; min-height: 44px; padding: 0 16px; flex: none;
    border: 1px solid transparent; border-radius: 14px; background: var(--vb-accent); color: var(--vb-on-accent); font-weight: 600;
  }
  .send:hover { background: var(--vb-accent-strong); }
  .below { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 12px; margin-block-start: 6px; }
  .person { display: inline-flex; align-items: center; gap: 6px; min-height: 32px; padding: 2px 10px 2px 6px; margin-inline-start: -6px; border: 0; border-radius: 8px; background: none; color: var(--vb-link); font-size: 14px; font-weight: 600; }
  .person:hover { background: var(--vb-bubble); }
  .hint { margin: 0; font-size: 12px; color: var(--vb-muted); }
  .problem { margin: 0 0 6px; font-size: 14px; color: var(--vb-error); }
  .over { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px; }
  .over p { margin: 0; color: var(--vb-muted); }
  @keyframes arrive { from { opacity: 0; transform: translateY(4px); } }
  @keyframes breathe { 0%, 60%, 100% { opacity: 0.35; } 30% { opacity: 1; } }
  @media (max-width: 480px) {
    .hint, .send .word { display: none; }
    .send { width: 44px; padding: 0; }
    header { padding-block: 6px; }
  }
  @media (max-height: 480px) {
    .root.chat { grid-template-rows: auto auto auto minmax(80px, 1fr) auto auto; }
    header { padding-block: 2px; }
    .who { display: flex; align-items: baseline; gap: 12px; }
    .tool { width: 36px; height: 36px; }
    .notice { padding-block: 2px; }
    .log { padding-block: 8px; }
    .choices { padding-block: 2px 6px; }
    footer { padding-block: 6px; }
    .below { margin-block-start: 2px; }
  }
  @media (hover: none) { .hint { display: none; } }
  @media (forced-colors: active) {
    .text, .send, .typing { border: 1px solid; }
    .dot { forced-color-adjust: none; }
  }
`;

export const launcherStyles = css`
  :host { display: contents; }
  .launch {
    position: fixed; z-index: 2147483000; inset-block-end: max(16px, env(safe-area-inset-bottom)); inset-inline-end: 16px;
    display: inline-flex; align-items: center; gap: 8px; min-height: 52px; padding: 0 20px 0 16px; border: 1px solid transparent; border-radius: 28px;
    background: var(--vb-accent); color: var(--vb-on-accent); font: inherit; font-weight: 600; box-shadow: var(--vb-shadow);
  }
  :host([side="left"]) .launch, :host([side="left"]) dialog { inset-inline: 16px auto; }
  .launch:hover { background: var(--vb-accent-strong); }
  .launch:focus-visible { outline: 3px solid var(--vb-focus, #1d6fdc); outline-offset: 3px; box-shadow: 0 0 0 3px #ffffff; }
  .count { min-width: 24px; padding: 0 6px; border-radius: 12px; background: #ffffff; color: #163f75; font-size: 13px; line-height: 24px; text-align: center; }
  dialog {
    position: fixed; z-index: 2147483001; inset: auto 16px 16px auto; width: 400px; height: min(672px, calc(100dvh - 32px)); max-width: none; max-height: none; margin: 0; padding: 0;
    overflow: hidden; border: 1px solid var(--vb-line); border-radius: 16px; background: var(--vb-surface); color: inherit; box-shadow: var(--vb-shadow);
  }
  dialog[open] { animation: open 180ms ease-out; }
  dialog::backdrop { background: rgb(10 16 26 / 55%); }
  @keyframes open { from { opacity: 0; transform: translateY(12px); } }
  @media (max-width: 480px), (max-height: 448px) {
    dialog, :host([side="left"]) dialog { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; overflow-y: auto; }
  }
`;
