import fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { MaestroError } from '../errors.ts';
import { double, doubleText, flag, integer, nested, oneOf, read, repeated, required, text } from './message.ts';

const post = (body: unknown) => ({ method: 'POST', query: {}, body }) as unknown as FastifyRequest;
const get = (query: unknown) => ({ method: 'GET', query, body: undefined }) as unknown as FastifyRequest;

describe('reading a message', () => {
  test('unknown fields are ignored, null is absent, and camelCase names are taken', () => {
    const fields = { run_id: required(text()), step: integer(), key: text() };
    expect(read(post({ runId: 'a', step: null, colour: 'red' }), fields)).toEqual({ run_id: 'a' });
  });

  test('run_uuid stands in for run_id', () => {
    expect(read(get({ run_uuid: 'x' }), { run_id: required(text()) })).toEqual({ run_id: 'x' });
  });

  test('one field in both spellings is refused', () => {
    expect(() => read(post({ run_id: 'a', runId: 'b' }), { run_id: text() })).toThrow(/specifies both/);
  });

  test('integers are taken as text, and refused where a number would lose digits', () => {
    expect(read(post({ step: '12' }), { step: integer() })).toEqual({ step: 12 });
    expect(() => read(post({ step: '9007199254740993' }), { step: integer() })).toThrow(/'step'/);
    expect(() => read(post({ step: 1.5 }), { step: integer() })).toThrow(/'step'.*float/);
  });

  test('what JSON has no number for is taken as text', () => {
    const fields = { value: double() };
    expect(read(post({ value: 'NaN' }), fields)).toEqual({ value: Number.NaN });
    expect(read(post({ value: '-Infinity' }), fields)).toEqual({ value: Number.NEGATIVE_INFINITY });
    expect(() => read(post({ value: 'nan' }), fields)).toThrow(/'value'/);
  });

  test('a query value that occurs once is a list where the field is one', () => {
    expect(read(get({ ids: '1', on: 'True' }), { ids: repeated(text()), on: flag() })).toEqual({
      ids: ['1'],
      on: true,
    });
  });

  test('a fault within a list names its place', () => {
    const fields = { metrics: repeated(nested({ key: required(text()) })) };
    expect(() => read(post({ metrics: [{ key: 'a' }, {}] }), fields)).toThrow("parameter 'metrics[1].key'");
  });

  test('an enum is read by name and by number', () => {
    const fields = { status: oneOf([undefined, 'RUNNING', 'FINISHED']) };
    expect(read(post({ status: 2 }), fields)).toEqual({ status: 'FINISHED' });
    expect(() => read(post({ status: 0 }), fields)).toThrow(/'status'/);
  });

  test('whatever the body is, it is read or refused as the caller’s fault', () => {
    const fields = { a: required(text()), b: integer(), c: repeated(nested({ d: double() })), e: flag() };
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ a: fc.jsonValue(), b: fc.jsonValue(), c: fc.jsonValue() })),
        (body) => {
          try {
            read(post(body), fields);
          } catch (error) {
            if (!(error instanceof MaestroError) || error.code !== 'invalid_parameter') throw error;
          }
        },
      ),
    );
  });
});

test('a printed double reads back as itself and never looks like an integer', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const printed = doubleText(value);
      return Object.is(JSON.parse(printed), value) && /[.e]/.test(printed);
    }),
  );
  expect(doubleText(Number.NaN)).toBe('"NaN"');
});
