import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Person } from '../../server/test/enrolment.ts';
import {
  barriersOn,
  downloadOf,
  dropOn,
  holdAnswer,
  holdBack,
  type Interface,
  overflows,
  startInterface,
  widthOf,
} from './interface.ts';
import { runWorldOf } from './run_world.ts';

let web: Interface;
let world: ReturnType<typeof runWorldOf>;
let scientist: Person;
let reader: Person;
let runId: string;

/** A white point. */
const png = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=='),
  (char) => char.charCodeAt(0),
);
const script = '<script>parent.parent.postMessage("hacked", "*"); document.title = "ran"</script>';
const report = `![white](../plots/white.png) ![large](large.png) ![gone](gone.png) ![far](https://example.org/x.png)
${'\n\nwords'.repeat(80)}\n\n![below](white.png) [table](../data/table.csv) [far away](https://example.org/)
`;
const html = `<h1>A report</h1><p id="told">as it was</p><script>document.getElementById('told').textContent = 'changed'</script>${script}<img src="https://example.org/x.png" onerror="top.hacked=1">`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="top.hacked=1"><script>top.hacked=1</script><text y="20">drawn</text></svg>`;
const notebook = {
  nbformat: 4,
  cells: [
    { cell_type: 'markdown', source: ['# A notebook\n', `${script} [x](javascript:top.hacked=1)`] },
    {
      cell_type: 'code',
      execution_count: 3,
      source: 'plot()',
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['\u001b[31mepoch 1\u001b[0m\n'] },
        { output_type: 'display_data', data: { 'image/png': btoa(String.fromCharCode(...png)) } },
        { output_type: 'execute_result', data: { 'text/html': `<b>a table</b>${script}` } },
        { output_type: 'error', ename: 'ValueError', evalue: 'no', traceback: ['ValueError: no'] },
      ],
    },
  ],
};
const hostileName = '<img src=x onerror=top.hacked=1>.txt';

beforeAll(async () => {
  web = await startInterface();
  world = runWorldOf(web);
  scientist = await web.people.make({ tenant: 'tenant-a', role: 'data_scientist' });
  reader = await web.people.make({ tenant: 'tenant-a', role: 'viewer' });
  runId = await world.run('with files');
  await world.native('PATCH', `/runs/${runId}`, { status: 'FINISHED', end_time: Date.now() });
  const lines = Array.from({ length: 300_000 }, (_, at) => `line ${at + 1}`).join('\n');
  const rows = Array.from({ length: 5_000 }, (_, at) => `${at},"a, ""quoted"" one",${at / 7}`);
  const wide = Array.from({ length: 400 }, (_, at) => `c${at}`).join();
  const files: [string, string | Uint8Array][] = [
    ['plots/white.png', png],
    ['data/table.csv', `id,name,value\n${rows.join('\n')}\n`],
    ['data/wide.csv', `${wide}\n${wide.replaceAll('c', 'v')}\n`],
    ['data/broken.csv', 'id,name\n7,kept\n8,"not"so\n9,behind\n'],
    ['data/config.json', '{"seed": 12345678901234567890, "model": {"depth": 3, "name": "tree"}, "list": [1, 2, 3]}'],
    ['data/log_table.json', JSON.stringify({ columns: ['question', 'answer'], data: [['what?', 'that']] })],
    ['README.md', '# About\n\n**Bold** words.\n'],
    ['docs/report.md', report],
    ['docs/white.png', png],
    ['docs/large.png', new Uint8Array(10_000_001)],
    ['report.html', html],
    ['drawing.svg', svg],
    ['explore.ipynb', JSON.stringify(notebook)],
    ['paper.pdf', '%PDF-1.4'],
    ['train.log', lines],
    ['model.bin', new Uint8Array([0, 1, 2])],
    [hostileName, 'harmless'],
  ];
  for (const [path, body] of files) await world.file(runId, path, body);
}, 90_000);
afterAll(() => web?.stop());
afterEach(() => web.closePages());

const at = (path = '') =>
  `/t/tenant-a/runs/${runId}?tab=files${path === '' ? '' : `&path=${encodeURIComponent(path)}`}`;

/** What the browser says when it keeps a file's script or picture from running or loading. */
const isRefusal = (complaint: string): boolean =>
  /^Blocked script execution|Content Security Policy|Blocked a frame with origin "null"/.test(complaint) &&
  !complaint.includes('localhost');

const frameText = (page: Page) => page.frameLocator('iframe').frameLocator('iframe').locator('body');

/** Goes on to another one of the tree; a narrow window shows a file in its place. */
async function choose(page: Page, name: string | RegExp) {
  const back = page.getByRole('button', { name: 'All files' });
  if (await back.isVisible()) await back.click();
  await page.getByRole('button', { name, exact: true }).click();
}

describe('the files of a run', () => {
  test('are a tree whose folders open in place, and each file is shown in the way of its kind', async () => {
    const { page, complaints } = await web.open(at(), scientist);
    await page.getByRole('button', { name: 'data', exact: true }).click();
    await choose(page, /^table\.csv/);
    const table = page.getByRole('table', { name: 'Table of table.csv' });
    await table.getByText('a, "quoted" one').first().waitFor();
    await page.getByText('5,000 rows').waitFor();
    await choose(page, /^broken\.csv/);
    await page.getByRole('table', { name: 'Table of broken.csv' }).getByText('kept').waitFor();
    await page.getByText('line 3: expected a delimiter after the closing quote').waitFor();
    await choose(page, /^config\.json/);
    await page.getByText('12345678901234567890').waitFor();
    await page.getByRole('button', { name: 'model 2 items' }).click();
    await page.getByText('"tree"').waitFor();
    await choose(page, /^log_table\.json/);
    await page.getByRole('table', { name: 'Table of log_table.json' }).getByText('what?').waitFor();
    await choose(page, 'plots');
    await choose(page, /^white\.png/);
    await expect.poll(() => page.getByRole('img', { name: 'Image white.png' }).getAttribute('src')).toMatch(/^blob:/);
    await choose(page, /^README\.md/);
    await page.locator('strong', { hasText: 'Bold' }).waitFor();
    await page.getByText('Text', { exact: true }).click();
    await page.waitForURL(/mode=text/);
    await page.reload();
    await page.getByText('**Bold** words.').waitFor();
    await choose(page, 'plots');
    await choose(page, /^white\.png/);
    await page.getByText('Full size', { exact: true }).click();
    await page.waitForURL(/white\.png&mode=full/);
    await page.getByRole('img', { name: 'Image white.png' }).waitFor();
    await choose(page, /^paper\.pdf/);
    await page.getByText('A PDF is not shown here').waitFor();
    await page.reload();
    await page.getByText('A PDF is not shown here').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a large text comes piece by piece with its line numbers, and a wide table shows what is in sight', async () => {
    const { page } = await web.open(at('train.log'), scientist);
    const box = page.getByRole('region', { name: 'Text of train.log' });
    await box.getByText('line 1', { exact: true }).waitFor();
    expect(await box.locator('div > div').count()).toBeLessThan(120);
    await page.getByText(/ of 3\.\d+ MB/).waitFor();
    await box.focus();
    await page.keyboard.press('End');
    await page.getByText(/1\.05 MB of/).waitFor();
    await page.goto(`${web.origin}${at('data/wide.csv')}`);
    const wide = page.getByRole('table', { name: 'Table of wide.csv' });
    await wide.getByText('v0', { exact: true }).waitFor();
    expect(await wide.getByRole('columnheader').count()).toBeLessThan(60);
  });

  test('HTML and drawings are shown apart from the page, and their scripts run only when the reader says so', async () => {
    const { page, complaints } = await web.open(at('report.html'), scientist);
    await frameText(page).getByText('A report').waitFor();
    await frameText(page).getByText('as it was').waitFor();
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('allow-scripts');
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    await page.getByRole('button', { name: 'Run its scripts' }).click();
    await frameText(page).getByText('changed').waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    await page.getByRole('button', { name: 'Stop its scripts' }).click();
    await frameText(page).getByText('as it was').waitFor();
    await page.goto(`${web.origin}${at('drawing.svg')}`);
    await frameText(page).getByText('drawn').waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints.filter((complaint) => !isRefusal(complaint))).toEqual([]);
  });

  test('a notebook is shown as it was saved, and nothing of it runs', async () => {
    const { page, complaints } = await web.open(at('explore.ipynb'), scientist);
    await page.getByRole('heading', { name: 'A notebook' }).waitFor();
    await page.getByText('epoch 1').waitFor();
    await page.getByText('ValueError: no').waitFor();
    await page.getByRole('img', { name: 'Output 2 of cell 2' }).waitFor();
    await frameText(page).getByText('a table').waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
    expect(complaints.filter((complaint) => !isRefusal(complaint))).toEqual([]);
  });

  test('a name that is HTML stays a name', async () => {
    const { page, complaints } = await web.open(at(hostileName), scientist);
    await page.getByRole('heading', { name: hostileName }).waitFor();
    await page.getByText('harmless').waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  test('are uploaded with their progress, downloaded by the browser itself, promoted and deleted', async () => {
    const { page, complaints } = await web.open(at(), scientist);
    const late = await holdAnswer(page, /\/files\?.*path=data/);
    await page.getByRole('button', { name: 'data', exact: true }).click();
    await late.given;
    await page.locator('input[type=file]').setInputFiles({
      name: 'new.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('just uploaded'),
    });
    await page.getByText('new.txt is uploaded.').waitFor();
    late.letGo();
    await page.getByRole('button', { name: /^new\.txt/ }).click();
    await page.getByText('just uploaded').waitFor();
    expect(page.url()).toContain('path=data%2Fnew.txt');
    const saved = await downloadOf(page, () => page.getByRole('link', { name: 'Download' }).click());
    expect(saved.name).toBe('new.txt');
    expect(saved.content.toString()).toBe('just uploaded');
    await page.getByRole('button', { name: 'Promote to the library' }).click();
    const dialog = page.getByRole('dialog', { name: 'Promote to the library' });
    await dialog.getByLabel('Name').fill('A new text');
    await dialog.getByLabel('Type').fill('schema');
    await dialog.getByRole('button', { name: 'Promote' }).click();
    await page.getByText('A new text 1 is in the library.').waitFor();
    await page.getByRole('button', { name: 'Promote to the library' }).click();
    await dialog.getByText('A version of one that is there').click();
    await dialog.getByRole('combobox', { name: 'Artifact' }).click();
    await page.getByRole('option', { name: 'A new text' }).click();
    await dialog.getByRole('button', { name: 'Promote' }).click();
    await page.getByText('A new text 2 is in the library.').waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).last().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('new.txt is deleted.').waitFor();
    await page.getByRole('button', { name: /^new\.txt/ }).waitFor({ state: 'hidden' });
    expect(complaints).toEqual([]);
  });

  test('are dropped onto the tree to upload them, and how much of a large one is sent is seen', async () => {
    const { page } = await web.open(at(), scientist);
    await dropOn(page.getByRole('list', { name: 'Files' }), 'dropped.txt', 'dropped');
    await page.getByText('dropped.txt is uploaded.').waitFor();
    await page.getByRole('button', { name: /^dropped\.txt/ }).waitFor();
    // A bar tells how much of a large one is there.
    const held = await holdBack(page, '**/files/content?*');
    const directory = await mkdtemp(join(tmpdir(), 'maestro-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const large = join(directory, 'large.bin');
    await writeFile(large, '');
    await truncate(large, 40_000_000);
    await page.locator('input[type=file]').setInputFiles(large);
    const bar = page.getByRole('progressbar', { name: 'large.bin' });
    const part = async () => Number(await bar.getAttribute('aria-valuenow'));
    await expect.poll(part).toBeGreaterThan(0);
    expect(await part()).toBeLessThan(100);
    await page.getByText(/^large\.bin: [1-9]\d? %$/).waitFor();
    await held.letGo();
    await page.getByText('large.bin is uploaded.').waitFor();
  });

  test('a log that grows is followed', async () => {
    const live = await world.run('live');
    await world.file(live, 'logs/out.txt', 'begun\n');
    const { page } = await web.open(`/t/tenant-a/runs/${live}?tab=logs`, scientist);
    await page.getByText('begun').waitFor();
    await world.file(live, 'logs/out.txt', 'begun\nand on\n');
    await page.getByText('and on').waitFor();
  });

  test('what a text of Markdown names beside itself is shown and led to; what is elsewhere is a link', async () => {
    const { page, complaints } = await web.open(at('docs/report.md'), scientist);
    const picture = (name: string) => page.getByRole('img', { name, exact: true });
    await expect.poll(() => picture('white').getAttribute('src')).toMatch(/^blob:/);
    for (const name of ['large', 'gone']) {
      await page.getByRole('link', { name, exact: true }).waitFor();
      expect(await page.getByRole('link', { name, exact: true }).getAttribute('href')).toContain(
        `path=docs%2F${name}.png`,
      );
    }
    for (const [name, href] of [
      ['far', 'https://example.org/x.png'],
      ['far away', 'https://example.org/'],
    ] as const) {
      expect(await page.getByRole('link', { name, exact: true }).getAttribute('href')).toBe(href);
    }
    expect(await picture('below').count()).toBe(0);
    await page.getByRole('link', { name: 'table' }).scrollIntoViewIfNeeded();
    await picture('below').waitFor();
    await page.getByRole('link', { name: 'table' }).click();
    await page.getByRole('table', { name: 'Table of table.csv' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'table' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('of a long log the end is shown, without numbers that are not its lines’; what is before it comes when it is wanted', async () => {
    const { page, complaints } = await web.open(`/t/tenant-a/runs/${runId}?tab=logs`, scientist);
    const box = page.getByRole('region', { name: 'Text of train.log' });
    const lineOf = (number: number) =>
      box.locator('div > div').filter({ has: page.getByText(`line ${number}`, { exact: true }) });
    await lineOf(300_000).waitFor();
    expect(await lineOf(300_000).textContent()).toBe('line 300000');
    await page.getByText('The last 262 kB of 3.49 MB').waitFor();
    const place = async () => (await lineOf(299_990).boundingBox())?.y ?? 0;
    const placed = await place();
    for (const shown of ['524 kB', '1.05 MB', '2.10 MB']) {
      await page.getByRole('button', { name: 'Load earlier lines' }).click();
      await page.getByText(`The last ${shown} of`).waitFor();
      expect(Math.abs((await place()) - placed)).toBeLessThan(40);
    }
    await page.getByRole('button', { name: 'Load earlier lines' }).click();
    await page.getByText('300,000 lines').waitFor();
    expect(await lineOf(299_990).textContent()).toBe('299990line 299990');
    await box.focus();
    await page.keyboard.press('Home');
    await lineOf(1).waitFor();
    expect(complaints).toEqual([]);
  });

  test('who may only read can neither upload, delete nor promote', async () => {
    const { page } = await web.open(at('README.md'), reader);
    await page.locator('strong', { hasText: 'Bold' }).waitFor();
    await page.getByRole('link', { name: 'Download' }).waitFor();
    for (const name of ['Upload', 'Delete', 'Promote to the library']) {
      await page.getByRole('button', { name, exact: true }).waitFor({ state: 'hidden' });
    }
  });

  for (const scheme of ['light', 'dark'] as const) {
    test.each([widthOf[scheme]])(
      `are without barriers and fit their window in ${scheme} at %i px`,
      async (width) => {
        const { page } = await web.open(at(), scientist, { scheme, width, height: 1000 });
        for (const path of ['', 'data/table.csv', 'data/config.json', 'report.html', 'explore.ipynb', 'train.log']) {
          await page.goto(`${web.origin}${at(path)}`);
          await page.getByRole('tabpanel').waitFor();
          await expect.poll(() => page.getByRole('status', { name: 'Loading …' }).count(), { timeout: 10_000 }).toBe(0);
          if (path !== '') await page.getByRole('link', { name: 'Download' }).waitFor();
          expect(await barriersOn(page), path).toEqual([]);
          expect(await overflows(page), path).toBe(false);
        }
      },
      120_000,
    );
  }
});
