import { describe, expect, test } from 'vitest';
import { leastMs } from '../../server/test/slowness.ts';
import { readJunit } from './junit.ts';

const report = `<?xml version="1.0" encoding="UTF-8"?>
<!-- by hand -->
<testsuites name="all" tests="5" time="9">
  <testsuite name="a > b" timestamp="2026-05-15T15:20:00Z" tests='4'>
    <testcase classname="a" name="passes &lt;fine&gt;" time="0.5"/>
    <testcase name="fails" time="1,000.25"><failure message="a > b"><![CDATA[</testcase> & <broken]]></failure></testcase>
    <testcase name="errs"><error/><system-out>text</system-out></testcase>
    <testcase name="later" time="nonsense"><skipped/></testcase>
  </testsuite>
  <testsuite name="c" timestamp="2026-05-15T15:10:00Z"><testcase name="passes"></testcase></testsuite>
</testsuites>`;

describe('a JUnit report', () => {
  test('gives its tests, failures with errors, skipped ones, seconds and when the first suite began', () => {
    expect(readJunit(report, 'r.xml')).toEqual({
      tests: 5,
      failed: 2,
      skipped: 1,
      seconds: 1000.75,
      startedAt: '2026-05-15T15:10:00.000Z',
    });
  });

  test.each([
    ['<!DOCTYPE testsuites [<!ENTITY a "b">]><testsuites/>', /declares a document type/],
    ['<testsuite><testcase></testsuite></testcase>', /ends where it did not begin/],
    ['<testsuite><testcase>', /testcase has no end/],
    ['<testsuite name=a/>', /is not quoted/],
    ['<testsuite name/>', /has no value/],
    ['<testsuite><![CDATA[', /CDATA section has no end/],
    ['<html></html>', /no testsuites or testsuite/],
    ['<testsuite/><testsuite/>', /no testsuites or testsuite/],
    ['', /no testsuites or testsuite/],
    ['<testsuite>< a/></testsuite>', /not well-formed/],
    [`<testsuite>${'<a>'.repeat(100)}`, /nested more than 64 deep/],
  ])('%s is refused', (xml, words) => {
    expect(() => readJunit(xml, 'r.xml')).toThrow(words);
  });

  test('of 10 MB is read within a second', async () => {
    const xml = `<testsuite>${'<testcase name="a" time="0.1"/>'.repeat(330_000)}</testsuite>`;
    expect(readJunit(xml, 'r.xml').tests).toBe(330_000);
    expect(await leastMs(1000, () => readJunit(xml, 'r.xml'))).toBeLessThan(1000);
  });
});

test('a time that no test can take counts as none', () => {
  const xml = '<testsuite><testcase time="1e300"/><testcase time="1.5"/></testsuite>';
  expect(readJunit(xml, 'file').seconds).toBe(1.5);
});
