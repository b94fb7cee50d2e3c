import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MailTransport } from './mail.ts';

/** A mail as it arrived: headers by name in lower case, the text decoded. */
export interface Arrived {
  readonly headers: ReadonlyMap<string, string[]>;
  readonly text: string;
  /** The addresses that it was handed over for. */
  readonly recipients: readonly string[];
}

export interface MailBench {
  readonly transport: MailTransport;
  arrived(): Promise<Arrived[]>;
  stop(): Promise<void>;
}

/** Reads a mail: its headers, unfolded, and its text, out of quoted-printable where it is in that. */
export function readMail(raw: string, recipients?: readonly string[]): Arrived {
  const [head = '', ...rest] = raw.replaceAll('\r\n', '\n').split('\n\n');
  const headers = new Map<string, string[]>();
  for (const line of head.replaceAll(/\n[ \t]+/g, ' ').split('\n')) {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
  }
  const body = rest.join('\n\n');
  const isQuoted = headers.get('content-transfer-encoding')?.[0] === 'quoted-printable';
  const bytes = body
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number(`0x${hex}`)));
  const text = isQuoted ? Buffer.from(bytes, 'latin1').toString('utf8') : body;
  return { headers, text: text.trimEnd(), recipients: recipients ?? headers.get('to') ?? [] };
}

/** What any way of sending mail does. */
export function mailSuite(name: string, open: () => Promise<MailBench>): void {
  describe(`mail ${name}`, () => {
    let bench: MailBench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(() => bench.stop());

    test('arrives as plain text, with its link whole, at its address and from the sender configured', async () => {
      const link = `https://maestro.example.com/account#invitation=${'Az09_-'.repeat(7)}x`;
      const text = `Grüße,\n\n${link}\n\nThe end.`;
      await bench.transport.deliver({ to: 'ada@example.com', subject: 'You are invited', text });
      const [mail, ...more] = await bench.arrived();
      expect(more).toEqual([]);
      expect(mail?.text).toBe(text);
      expect(mail?.recipients).toEqual(['ada@example.com']);
      expect(mail?.headers.get('from')).toEqual(['Maestro <maestro@example.org>']);
      expect(mail?.headers.get('subject')).toEqual(['You are invited']);
      expect(mail?.headers.get('content-type')).toEqual(['text/plain; charset=utf-8']);
      expect(Date.parse(mail?.headers.get('date')?.[0] ?? '')).toBeGreaterThan(Date.now() - 60_000);
    });

    test('keeps what looks like headers in a text in the text', async () => {
      const text = 'first\n\nBcc: eve@example.com\n\n.\n\nlast';
      await bench.transport.deliver({ to: 'ada@example.com', subject: 's', text });
      const [mail] = await bench.arrived();
      expect(mail?.text).toBe(text);
      expect(mail?.headers.has('bcc')).toBe(false);
    });

    test('sent many at once arrives once each', async () => {
      const people = Array.from({ length: 20 }, (_, at) => `person-${at}@example.com`);
      await Promise.all(people.map((to) => bench.transport.deliver({ to, subject: 's', text: to })));
      const mails = await bench.arrived();
      expect(mails.map(({ text }) => text).toSorted()).toEqual(people.toSorted());
      for (const { text, recipients } of mails) expect(recipients).toEqual([text]);
    });
  });
}
