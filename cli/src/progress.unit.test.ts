import { expect, test } from 'vitest';
import { Progress } from './progress.ts';

const terminalOf = (isTTY: boolean, columns = 80) => {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text: string) => written.push(text) };
};

test('a bar grows on a terminal, at most ten times a second, and is taken away', () => {
  const terminal = terminalOf(true);
  const progress = new Progress('file.csv', terminal);
  progress.show(0, 200, 'reading', 0);
  progress.show(50, 200, 'reading', 50);
  progress.show(100, 200, 'reading', 150);
  progress.show(200, 200, 'importing', 160);
  progress.end();
  progress.end();
  expect(terminal.written).toEqual([
    `\r\u{1b}[Kfile.csv [${'.'.repeat(30)}]   0 % reading`,
    `\r\u{1b}[Kfile.csv [${'#'.repeat(15)}${'.'.repeat(15)}]  50 % reading`,
    `\r\u{1b}[Kfile.csv [${'#'.repeat(30)}] 100 % importing`,
    '\r\u{1b}[K',
  ]);
});

test('a bar is no longer than the line, and stands nowhere but on a terminal', () => {
  const narrow = terminalOf(true, 20);
  new Progress('a long name of a file', narrow).show(1, 2, 'reading', 0);
  expect(narrow.written[0]?.replace('\r\u{1b}[K', '')).toHaveLength(19);
  const file = terminalOf(false);
  const progress = new Progress('x', file);
  progress.show(1, 1, 'reading', 0);
  progress.end();
  expect(file.written).toEqual([]);
});
