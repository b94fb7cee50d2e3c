import { count } from '../app/formats.ts';

/** What charts say. */
export const text = {
  legend: 'Legend',
  line: 'Line',
  value: 'Last value',
  isolate: 'Show alone; with Ctrl or Shift, add or take away',
  noLines: 'No line.',
  asTable: 'Show as table',
  asChart: 'Show as chart',
  reset: 'Show all',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  left: 'Move left',
  right: 'Move right',
  exports: (title: string) => `Save ${title}`,
  png: 'Picture (PNG)',
  svg: 'Drawing (SVG)',
  csv: 'Table (CSV)',
  odd: 'NaN, ±∞',
  chart: (title: string, lines: number) =>
    `${title}: ${count(lines)} ${lines === 1 ? 'line' : 'lines'}. Arrows move the cursor, with Shift the window; plus and minus zoom, 0 shows all.`,
  points: (shown: number, total: number) =>
    shown >= total ? `${count(total)} points` : `${count(shown)} of ${compactCount(total)} points`,
  at: (x: string, values: string) => `${x}${values}`,
};

const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 });
/** "1.2 M": counts that are told, not read off. */
const compactCount = (value: number): string =>
  value < 10_000 ? count(value) : compact.format(value).replace(/(\d)([A-Za-z])/, '$1 $2');
