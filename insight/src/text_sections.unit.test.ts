import { describe, expect, test } from 'vitest';
import { sectionsOf } from './text_sections.ts';

const titles = (document: string): string[] => sectionsOf(document).map(({ title }) => title);

describe('the sections of a document', () => {
  test('are those of its Markdown headings, with what stands before the first', () => {
    const document = `Churn 2027, version 3

# Goals ##
Predict who leaves.

## Data
- events
- contracts

\`\`\`
# no heading
\`\`\`

Serving
-------
Within 50 ms.
`;
    expect(sectionsOf(document)).toEqual([
      { title: 'Churn 2027, version 3', text: 'Churn 2027, version 3', line: 1 },
      { title: 'Goals', text: 'Predict who leaves.', line: 3 },
      { title: 'Data', text: '- events\n- contracts\n\n```\n# no heading\n```', line: 6 },
      { title: 'Serving', text: 'Within 50 ms.', line: 14 },
    ]);
  });

  test('leave out headings that only lead to others', () => {
    expect(titles('# All\n\n## One\ntext\n## Two\n\n')).toEqual(['One']);
  });

  test('are those of numbered headings, and numbered lists are none', () => {
    expect(titles('1. Goals\n\nPredict.\n\n2. Data\n\nEvents.\n\n2.1 Quality\nNo gaps.')).toEqual([
      '1. Goals',
      '2. Data',
      '2.1 Quality',
    ]);
    expect(titles('1. load the data\n2. clean it\n3. train')).toEqual(['load the data']);
    expect(titles('1. Load\n\n2. Clean\n\n3. Train')).toEqual(['Load']);
  });

  test('are lists with the line that leads to them, else paragraphs', () => {
    const document =
      'We want to know who leaves.\n\nThe data are:\n\n- events\n  of a day\n\n- contracts\n\nServe within 50 ms.';
    expect(sectionsOf(document)).toEqual([
      { title: 'We want to know who leaves.', text: 'We want to know who leaves.', line: 1 },
      { title: 'The data are', text: '- events\n  of a day\n- contracts', line: 3 },
      { title: 'Serve within 50 ms.', text: 'Serve within 50 ms.', line: 10 },
    ]);
  });

  test('hold every line of any text, and are not too many', () => {
    expect(sectionsOf('')).toEqual([]);
    expect(sectionsOf(' \r\n\r\n')).toEqual([]);
    const many = Array.from({ length: 1_000 }, (_, at) => `# h${at}\nbody${at}`).join('\r\n');
    const sections = sectionsOf(many);
    expect(sections).toHaveLength(200);
    expect(sections.at(-1)?.text).toContain('body999');
  });

  test('of a large document are found at once', () => {
    const began = performance.now();
    sectionsOf('\n'.repeat(100_000));
    sectionsOf('- a\n\n'.repeat(50_000));
    sectionsOf('1. a\n'.repeat(40_000));
    sectionsOf(' '.repeat(200_000));
    sectionsOf(`# ${'#'.repeat(100_000)} a${' '.repeat(99_000)}`);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
