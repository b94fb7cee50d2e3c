import type { Estimate } from './interval_text.ts';
import {
  caveatsOf,
  contributionsOf,
  estimatesOf,
  figure,
  type Outcome,
  outcomeNames,
  outcomes,
  type PredictionAnswer,
  withUnit,
} from './prediction_answer.ts';

const width = 360;
/** Between the axis and the edge, for what is drawn around its ends. */
const margin = 6;
/** Read on white as on black; text has the colour of the page. */
const colours = { now: '#1e6fb3', before: '#888', more: '#b3541e', less: '#1e6fb3', axis: '#8888' } as const;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Names come from other people: none becomes markup. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] as string);

const line = (from: number, to: number, top: number, bottom: number, more: string): string =>
  `<line x1="${from.toFixed(1)}" x2="${to.toFixed(1)}" y1="${top}" y2="${bottom}" ${more}/>`;

const intervalText = ({ low, high }: Estimate): string => `${figure(low)} to ${figure(high)}`;

/** An interval with its middle, on an axis from 0 to `end`. */
function interval(estimate: Estimate, end: number, colour: string): string {
  const at = (value: number): number => Math.max(0, Math.min(value / end, 1)) * (width - 2 * margin) + margin;
  const [low, high] = [at(estimate.low), at(estimate.high)];
  return (
    `<svg width="${width}" height="18" role="img" aria-label="${figure(estimate.value)}, ${intervalText(estimate)}">` +
    line(margin, width - margin, 9, 9, `stroke="${colours.axis}"`) +
    line(low, high, 9, 9, `stroke="${colour}" stroke-width="3"`) +
    line(low, low, 3, 15, `stroke="${colour}" stroke-width="2"`) +
    line(high, high, 3, 15, `stroke="${colour}" stroke-width="2"`) +
    `<circle cx="${at(estimate.value).toFixed(1)}" cy="9" r="4.5" fill="${colour}"/></svg>`
  );
}

function outcomeRows(prediction: PredictionAnswer, outcome: Outcome): string {
  const estimates = estimatesOf(prediction, outcome);
  if (estimates.length === 0) return `<tr><th>${outcomeNames[outcome]}</th><td colspan="2">not known</td></tr>`;
  const end = Math.max(outcome === 'success_score' ? 100 : 0, ...estimates.map(([, { high }]) => high)) || 1;
  return estimates
    .map(([title, estimate], at) => {
      const colour = at === estimates.length - 1 ? colours.now : colours.before;
      return (
        `<tr><th>${title}</th><td>${withUnit(outcome, estimate.value)} (${intervalText(estimate)})</td>` +
        `<td>${interval(estimate, end, colour)}</td></tr>`
      );
    })
    .join('');
}

/** A bar to the right of the middle for more, to the left for less. */
function bar(share: number): string {
  const half = width / 4;
  const length = Math.abs(share) * (half - 4);
  const start = share > 0 ? half : half - length;
  return (
    `<svg width="${2 * half}" height="12"><rect x="${start.toFixed(1)}" y="1" width="${length.toFixed(1)}" height="10" ` +
    `fill="${share > 0 ? colours.more : colours.less}"/>${line(half, half, 0, 12, `stroke="${colours.axis}"`)}</svg>`
  );
}

const folded = (summary: string, rows: readonly string[], isOpen = false): string =>
  rows.length === 0
    ? ''
    : `<details${isOpen ? ' open=""' : ''}><summary>${summary}</summary><table>${rows.join('')}</table></details>`;

const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

const contributions = (prediction: PredictionAnswer, outcome: Outcome): string =>
  folded(
    `What moves the ${outcomeNames[outcome].toLowerCase()}`,
    contributionsOf(prediction, outcome).map(({ contribution: { label, value, text }, share }) =>
      row([
        escaped(label),
        value === null ? '' : escaped(typeof value === 'number' ? figure(value) : value),
        bar(share),
        escaped(text),
      ]),
    ),
    true,
  );

const similarRow = (similar: PredictionAnswer['similar'][number]): string =>
  row([
    escaped(similar.name),
    `${Math.round(similar.similarity * 100)} % alike`,
    ...outcomes.map((outcome) => {
      const value = similar[outcome];
      return value === null ? '' : withUnit(outcome, value);
    }),
  ]);

const headings = ['', '', ...outcomes.map((outcome) => outcomeNames[outcome])];
const headingRow = `<tr>${headings.map((heading) => `<th>${heading}</th>`).join('')}</tr>`;

/** The whole of a prediction for a notebook: it brings its drawings, and asks for nothing from elsewhere. */
export function predictionHtml(prediction: PredictionAnswer): string {
  const { name, confidence, recommendation, similar } = prediction;
  const of = escaped(name ?? 'a project that is not made');
  return (
    `<div><b>What to expect of ${of}</b> (confidence ${confidence.toFixed(2)})` +
    caveatsOf(prediction)
      .map((caveat) => `<p>${escaped(caveat)}</p>`)
      .join('') +
    `<table>${outcomes.map((outcome) => outcomeRows(prediction, outcome)).join('')}</table>` +
    `<ul>${recommendation.map((sentence) => `<li>${escaped(sentence)}</li>`).join('')}</ul>` +
    outcomes.map((outcome) => contributions(prediction, outcome)).join('') +
    folded('The finished projects most like it', similar.length === 0 ? [] : [headingRow, ...similar.map(similarRow)]) +
    '</div>'
  );
}
