/** How the analysis looks, on top of the desk's pages. */

import { css } from "../vendor/lit.js";

export const analysis = css`
  .analysis .tables { max-width: 1160px; width: 100%; margin-inline: auto; }
  .filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; align-items: end; }
  .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 10px; list-style: none; padding: 0; }
  .tile { display: grid; gap: 2px; padding: 8px 10px; border: 1px solid var(--vb-line); border-radius: 10px; align-content: start; }
  .tile.chosen { border: 2px solid var(--vb-accent); }
  .figure { font-size: 22px; font-weight: 700; line-height: 1.2; font-variant-numeric: tabular-nums; }
  .bar { display: block; width: 100%; min-width: 90px; height: 16px; padding: 0; }
  .bar .axis { stroke: var(--vb-line); stroke-width: 1; vector-effect: non-scaling-stroke; }
  .bar .span { fill: var(--vb-control); }
  .bar .spot { fill: var(--vb-text); }
  .bar.good .span { fill: var(--vb-good); }
  .bar.bad .span { fill: var(--vb-error); }
  .good { color: var(--vb-good); font-weight: 600; }
  .bad { color: var(--vb-error); font-weight: 600; }
  .share-line { display: grid; gap: 1px; min-width: 110px; }
  .share-line .small { white-space: nowrap; }
  .hints { display: grid; gap: 10px; list-style: none; padding: 0; }
  .hints li { display: grid; gap: 4px; padding: 10px 12px; border: 1px solid var(--vb-line); border-inline-start: 4px solid var(--vb-accent); border-radius: 8px; }
  a { color: var(--vb-link); text-underline-offset: 0.15em; }
  a.act { text-decoration: none; width: max-content; max-width: 100%; }
  .split { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 16px; }
  .said { display: grid; gap: 4px; list-style: none; padding: 0; }
  .said li { padding: 4px 10px; border-radius: 8px; background: var(--vb-bubble); overflow-wrap: anywhere; }
  .said li.ours { background: var(--d-mine); }
  .clip { display: grid; gap: 6px; padding-block: 8px; border-block-end: 1px solid var(--vb-line); }
  details summary { min-height: 28px; cursor: pointer; }
  .wrap { overflow-wrap: anywhere; }
`;
