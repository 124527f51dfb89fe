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
    color-scheme: light;
    font: 400 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Yu Gothic UI", "Noto Sans JP",
      "Noto Sans CJK JP", sans-serif;
    color: var(--vb-text);
    text-align: start;
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
    color-scheme: dark;
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
  .chat {
    display: grid; grid-template-rows: auto auto auto minmax(9rem, 1fr) auto auto; height: 100%; min-width: 0;
    position: relative;
  }
  header {
    display: flex; align-items: center; gap: 0.5rem; padding: 0.625rem 0.75rem 0.625rem 1rem;
    border-bottom: 1px solid var(--vb-line);
  }
  .who { flex: 1; min-width: 0; }
  .brand { margin: 0; font-size: 1.0625rem; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
  .state { margin: 0; font-size: 0.8125rem; line-height: 1.4; color: var(--vb-muted); display: flex; align-items: center; gap: 0.375rem; }
  .dot { width: 0.5rem; height: 0.5rem; border-radius: 50%; background: var(--vb-control); flex: none; }
  .dot.open { background: var(--vb-good); }
  .dot.waiting, .dot.offline { background: #c98a00; }
  .dot.refused { background: var(--vb-error); }
  .tool {
    display: inline-grid; place-items: center; width: 2.5rem; height: 2.5rem; padding: 0; border: 0; border-radius: 0.5rem;
    background: none; color: var(--vb-muted);
  }
  .tool:hover, .tool[aria-expanded="true"] { background: var(--vb-bubble); color: var(--vb-text); }
  .menu {
    position: absolute; z-index: 3; inset-block-start: 3.5rem; inset-inline-end: 0.75rem; margin: 0; padding: 0.375rem; list-style: none;
    background: var(--vb-surface); border: 1px solid var(--vb-line); border-radius: 0.75rem; box-shadow: var(--vb-shadow);
    max-width: calc(100% - 1.5rem);
  }
  .menu button { display: block; width: 100%; min-height: 2.5rem; padding: 0.375rem 0.875rem; border: 0; border-radius: 0.5rem; background: none; text-align: start; }
  .menu button:hover { background: var(--vb-bubble); }
  .notice { margin: 0; padding: 0.5rem 1rem; font-size: 0.8125rem; line-height: 1.5; color: var(--vb-muted); background: var(--vb-sunken); border-bottom: 1px solid var(--vb-line); word-break: auto-phrase; }
  .banner {
    display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; margin: 0; padding: 0.5rem 1rem;
    font-size: 0.875rem; line-height: 1.5; background: var(--vb-warn-surface); color: var(--vb-warn-text); border-bottom: 1px solid var(--vb-line);
  }
  .banner span { flex: 1 1 12rem; }
  .banner button { min-height: 2rem; padding: 0.125rem 0.75rem; border: 1px solid currentColor; border-radius: 0.5rem; background: none; }
  .middle { position: relative; min-height: 0; }
  .log { height: 100%; overflow-y: auto; overscroll-behavior: contain; padding: 1rem; outline-offset: -3px !important; scrollbar-width: thin; }
  .line { display: flex; flex-direction: column; align-items: flex-start; margin-block-start: 0.875rem; animation: arrive 160ms ease-out; }
  .line:first-child { margin-block-start: 0; }
  .line.same { margin-block-start: 0.25rem; }
  .line.customer { align-items: flex-end; }
  .text {
    margin: 0; max-width: min(34rem, 86%); padding: 0.5rem 0.875rem; border-radius: 1rem; white-space: pre-wrap;
    overflow-wrap: anywhere; line-break: strict; word-break: auto-phrase; text-wrap: pretty; background: var(--vb-bubble);
  }
  .bot .text, .agent .text { border-start-start-radius: 0.25rem; }
  .customer .text { background: var(--vb-accent); color: var(--vb-on-accent); border-end-end-radius: 0.25rem; }
  .agent .text { box-shadow: inset 3px 0 0 var(--vb-good); }
  .pending .text { opacity: 0.999; background: var(--vb-surface); color: var(--vb-text); box-shadow: inset 0 0 0 1px var(--vb-control); }
  .text a { color: var(--vb-link); text-decoration: underline; text-underline-offset: 0.15em; }
  .customer .text a { color: inherit; }
  .meta { margin-block-start: 0.1875rem; padding-inline: 0.25rem; font-size: 0.75rem; line-height: 1.4; color: var(--vb-muted); }
  .meta.bad { color: var(--vb-error); }
  .meta button { min-height: 1.5rem; padding: 0 0.5rem; margin-inline-start: 0.25rem; border: 1px solid currentColor; border-radius: 0.375rem; background: none; }
  .line.system { align-items: center; }
  .line.system .text { background: none; border: 1px solid var(--vb-line); color: var(--vb-muted); font-size: 0.875rem; text-align: center; border-radius: 0.75rem; }
  .day, .new { display: flex; align-items: center; gap: 0.75rem; margin-block: 1rem 0.875rem; font-size: 0.75rem; color: var(--vb-muted); }
  .day:first-child { margin-block-start: 0; }
  .day::before, .day::after, .new::before, .new::after { content: ""; flex: 1; border-block-start: 1px solid var(--vb-line); }
  .new { color: var(--vb-link); font-weight: 600; }
  .new::before, .new::after { border-color: currentColor; }
  .typing { display: inline-flex; gap: 0.3125rem; margin-block-start: 0.5rem; padding: 0.8125rem 0.875rem; border-radius: 1rem; border-start-start-radius: 0.25rem; background: var(--vb-bubble); }
  .typing i { width: 0.4375rem; height: 0.4375rem; border-radius: 50%; background: var(--vb-muted); animation: breathe 1.2s infinite ease-in-out; }
  .typing i:nth-child(2) { animation-delay: 0.15s; }
  .typing i:nth-child(3) { animation-delay: 0.3s; }
  .jump {
    position: absolute; inset-block-end: 0.75rem; inset-inline: 0; width: max-content; max-width: 90%; margin-inline: auto; z-index: 2; display: flex; align-items: center; gap: 0.375rem;
    min-height: 2.25rem; padding: 0.25rem 0.875rem; border: 1px solid var(--vb-line); border-radius: 2rem;
    background: var(--vb-surface); color: var(--vb-link); font-size: 0.875rem; box-shadow: var(--vb-shadow);
  }
  .choices { display: flex; flex-wrap: wrap; gap: 0.5rem; padding: 0.25rem 1rem 0.75rem; }
  .choices button, .again {
    min-height: 2.5rem; padding: 0.25rem 1rem; border: 1px solid var(--vb-accent-strong); border-radius: 1.25rem; background: var(--vb-surface);
    color: var(--vb-link); font-weight: 550; overflow-wrap: anywhere;
  }
  .choices button:hover, .again:hover { background: var(--vb-bubble); }
  footer { padding: 0.625rem 1rem max(0.75rem, env(safe-area-inset-bottom)); border-block-start: 1px solid var(--vb-line); background: var(--vb-sunken); }
  form { display: flex; align-items: flex-end; gap: 0.5rem; }
  textarea {
    flex: 1; min-width: 0; min-height: 2.75rem; max-height: 9rem; padding: 0.5625rem 0.875rem; resize: none; field-sizing: content; font: inherit;
    color: var(--vb-text); background: var(--vb-surface); border: 1px solid var(--vb-control); border-radius: 0.875rem;
  }
  textarea::placeholder { color: var(--vb-muted); opacity: 1; }
  textarea[aria-invalid="true"] { border-color: var(--vb-error); }
  .send {
    display: inline-flex; align-items: center; justify-content: center; gap: 0.25rem; min-height: 2.75rem; padding: 0 1rem; flex: none;
    border: 1px solid transparent; border-radius: 0.875rem; background: var(--vb-accent); color: var(--vb-on-accent); font-weight: 600;
  }
  .send:hover { background: var(--vb-accent-strong); }
  .below { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.25rem 0.75rem; margin-block-start: 0.375rem; }
  .person { display: inline-flex; align-items: center; gap: 0.375rem; min-height: 2rem; padding: 0.125rem 0.625rem 0.125rem 0.375rem; margin-inline-start: -0.375rem; border: 0; border-radius: 0.5rem; background: none; color: var(--vb-link); font-size: 0.875rem; font-weight: 600; }
  .person:hover { background: var(--vb-bubble); }
  .hint { margin: 0; font-size: 0.75rem; color: var(--vb-muted); }
  .problem { margin: 0 0 0.375rem; font-size: 0.875rem; color: var(--vb-error); }
  .over { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem; }
  .over p { margin: 0; color: var(--vb-muted); }
  @keyframes arrive { from { opacity: 0; transform: translateY(0.25rem); } }
  @keyframes breathe { 0%, 60%, 100% { opacity: 0.35; } 30% { opacity: 1; } }
  @media (max-width: 30rem) {
    .hint, .send .word { display: none; }
    .send { width: 2.75rem; padding: 0; }
    header { padding-block: 0.375rem; }
  }
  @media (max-height: 30rem) {
    .chat { grid-template-rows: auto auto auto minmax(5rem, 1fr) auto auto; }
    header { padding-block: 0.125rem; }
    .who { display: flex; align-items: baseline; gap: 0.75rem; }
    .tool { width: 2.25rem; height: 2.25rem; }
    .notice { padding-block: 0.125rem; }
    .log { padding-block: 0.5rem; }
    .choices { padding-block: 0.125rem 0.375rem; }
    footer { padding-block: 0.375rem; }
    .below { margin-block-start: 0.125rem; }
  }
  @media (hover: none) { .hint { display: none; } }
  @media (forced-colors: active) {
    .text, .send, .typing { border: 1px solid; }
    .dot { forced-color-adjust: none; }
  }
`;

export const launcherStyles = css`
  :host { all: initial; }
  .launch {
    position: fixed; z-index: 2147483000; inset-block-end: max(1rem, env(safe-area-inset-bottom)); inset-inline-end: 1rem;
    display: inline-flex; align-items: center; gap: 0.5rem; min-height: 3.25rem; padding: 0 1.25rem 0 1rem; border: 1px solid transparent; border-radius: 1.75rem;
    background: var(--vb-accent); color: var(--vb-on-accent); font: inherit; font-weight: 600; box-shadow: var(--vb-shadow);
  }
  :host([side="left"]) .launch, :host([side="left"]) dialog { inset-inline: 1rem auto; }
  .launch:hover { background: var(--vb-accent-strong); }
  .launch:focus-visible { outline: 3px solid var(--vb-focus, #1d6fdc); outline-offset: 3px; box-shadow: 0 0 0 3px #ffffff; }
  .count { min-width: 1.5rem; padding: 0 0.375rem; border-radius: 0.75rem; background: #ffffff; color: #163f75; font-size: 0.8125rem; line-height: 1.5rem; text-align: center; }
  dialog {
    position: fixed; z-index: 2147483001; inset: auto 1rem 1rem auto; width: 25rem; height: min(42rem, calc(100dvh - 2rem)); max-width: none; max-height: none; margin: 0; padding: 0;
    overflow: hidden; border: 1px solid var(--vb-line); border-radius: 1rem; background: var(--vb-surface); color: inherit; box-shadow: var(--vb-shadow);
  }
  dialog[open] { animation: open 180ms ease-out; }
  dialog::backdrop { background: rgb(10 16 26 / 55%); }
  @keyframes open { from { opacity: 0; transform: translateY(0.75rem); } }
  @media (max-width: 30rem), (max-height: 28rem) {
    dialog, :host([side="left"]) dialog { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; overflow-y: auto; }
  }
`;
