import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { issueCertificate, makeAuthority } from './authority.ts';
import { lifeOf, type Pair } from './pair.ts';
import { keepRenewed, untilRenewal } from './renewal.ts';

const day = 86_400_000;
let authority: Pair;
// It is good from a day before it is made.
const certificateOf = async (days: number) =>
  (await issueCertificate(authority, { names: ['localhost'], keyType: 'ec', days })).cert;

beforeAll(async () => {
  authority = await makeAuthority('ec', 400);
});

test('a certificate is renewed when two thirds of its life are over, and at once when it has ended', async () => {
  const cert = await certificateOf(89);
  const { from, to } = lifeOf(cert);
  expect(untilRenewal(cert, from)).toBe(60 * day);
  expect(untilRenewal(cert, from + 59 * day)).toBe(day);
  expect(untilRenewal(cert, to + day)).toBe(0);
});

test('after failures it is tried again later and later, and often enough within a short life', async () => {
  const minutes = (cert: string, failures: number) => untilRenewal(cert, Date.now(), failures) / 60_000;
  const long = await certificateOf(89);
  expect([1, 2, 3, 4, 10].map((failures) => minutes(long, failures))).toEqual([15, 30, 60, 120, 720]);
  expect(minutes(await certificateOf(1), 10)).toBeCloseTo((2 * 24 * 60) / 10, 1);
});

describe('while the server runs', () => {
  test('a certificate that is due gives its place to a new one', async () => {
    let cert = await certificateOf(0.1);
    const next = await certificateOf(89);
    const renewed = await new Promise<string>((resolve) => {
      const renewal = keepRenewed({
        current: () => cert,
        renew: async () => {
          cert = next;
          resolve(cert);
          renewal.close();
        },
        log: pino({ level: 'silent' }),
      });
    });
    expect(renewed).toBe(next);
  });

  test('one that cannot be renewed stays, and the log says so as an error', async () => {
    const cert = await certificateOf(0.1);
    const line = await new Promise<Record<string, unknown>>((resolve) => {
      const log = pino({}, { write: (text: string) => resolve(JSON.parse(text)) });
      const renewal = keepRenewed({
        current: () => cert,
        renew: async () => {
          queueMicrotask(renewal.close);
          throw new Error('the authority is away');
        },
        log,
      });
    });
    expect(line).toMatchObject({
      level: 50,
      msg: 'the TLS certificate was not renewed',
      err: { message: 'the authority is away' },
      endsAt: new Date(lifeOf(cert).to).toISOString(),
    });
  });
});
