import { expect, test } from 'vitest';
import { betweennessOf, drawingOf, drawnTiesMax, graphOf, measuresOf } from './graph.ts';

const ties = (text: string) => text.split(' ').map((pair) => [pair[0], pair[1]] as [string, string]);
const people = (text: string) => [...text];

test('a star is wholly centralized', () => {
  expect(measuresOf(graphOf(people('abcde'), ties('ab ac ad ae')))).toEqual({
    people: 5,
    ties: 4,
    density: 0.4,
    components: 1,
    largest_component_share: 1,
    degree_centralization: 1,
    betweenness_centralization: 1,
    transitivity: 0,
  });
});

test('a ring and a complete graph are not centralized at all', () => {
  expect(measuresOf(graphOf(people('abcd'), ties('ab bc cd da')))).toMatchObject({
    density: 4 / 6,
    degree_centralization: 0,
    betweenness_centralization: 0,
    transitivity: 0,
  });
  expect(measuresOf(graphOf(people('abcd'), ties('ab ac ad bc bd cd')))).toMatchObject({
    density: 1,
    degree_centralization: 0,
    betweenness_centralization: 0,
    transitivity: 1,
  });
});

test('a line of four is a third of a star by degree, and 4 of 9 by betweenness', () => {
  // Degrees 1 2 2 1: (1 + 0 + 0 + 1) / (3 · 2). Betweenness 0 2 2 0: (2 + 0 + 0 + 2) / (9 · 2 / 2).
  const told = measuresOf(graphOf(people('abcd'), ties('ab bc cd')));
  expect(told.degree_centralization).toBeCloseTo(1 / 3, 12);
  expect(told.betweenness_centralization).toBeCloseTo(4 / 9, 12);
});

test('ways of equal length count in equal parts', () => {
  // a–b–d and a–c–d: of the pair (a, d), a half each leads through b and c; of (b, c), through a and d.
  const graph = [new Set([1, 2]), new Set([0, 3]), new Set([0, 3]), new Set([1, 2])];
  expect(betweennessOf(graph)).toEqual([0.5, 0.5, 0.5, 0.5]);
});

test('a triangle with a tail, and somebody alone', () => {
  // Of the pairs with a third in common, ab ac bc are tied; ad and bd by c are not: 3 of 5.
  const told = measuresOf(graphOf(people('abcde'), ties('ab bc ca cd')));
  expect(told).toMatchObject({ ties: 4, components: 2, largest_component_share: 0.8, transitivity: 3 / 5 });
  // Betweenness: c lies between a and d, b and d; the rest between nobody: (2 · 4) / (16 · 3 / 2).
  expect(told.betweenness_centralization).toBeCloseTo(8 / 24, 12);
});

test('a drawing has the most tied person first and names nobody, however people are given', () => {
  // b has three ties, a and c two each, d one, e none.
  const [one, two, three] = [1, 2, 3].map((other) => ({ one: 0, other }));
  const drawing = { degrees: [3, 2, 2, 1, 0], ties: [one, two, three, { one: 1, other: 2 }] };
  expect(drawingOf(graphOf(people('abcde'), ties('ab bc ca bd')))).toEqual(drawing);
  expect(drawingOf(graphOf(people('edcba'), ties('db ca cb ab ba ax')))).toEqual(drawing);
});

test('of a crowd in which all are tied with all, and of somebody tied with one of it, each is drawn with some', () => {
  const crowd = Array.from({ length: 300 }, (_, index) => String(index));
  const all = crowd.flatMap((one, at) => crowd.slice(at + 1).map((other): [string, string] => [one, other]));
  const { degrees, ties } = drawingOf(graphOf([...crowd, 'z'], [...all, ['z', '77']]));
  expect(degrees).toEqual([300, ...Array(299).fill(299), 1]);
  expect(ties.length).toBeLessThanOrEqual(drawnTiesMax);
  expect(ties.length).toBeGreaterThan(drawnTiesMax - 700);
  expect(new Set(ties.flatMap(({ one, other }) => [one, other])).size).toBe(301);
});

test('of a crowd, somebody whose others all have fewer ties is drawn with one of them', () => {
  const [core, crowd] = [99, 200].map((count, kind) => Array.from({ length: count }, (_, index) => `${kind} ${index}`));
  const among = core!.flatMap((one, at) => core!.slice(at + 1).map((other): [string, string] => [one, other]));
  const between = crowd!.flatMap((one) => core!.map((other): [string, string] => [one, other]));
  const last = crowd!.map((one): [string, string] => ['z', one]);
  const { ties } = drawingOf(graphOf([...core!, ...crowd!, 'z'], [...among, ...between, ...last]));
  expect(ties.length).toBeLessThanOrEqual(drawnTiesMax);
  expect(new Set(ties.flatMap(({ one, other }) => [one, other])).size).toBe(300);
});

test('ties said twice count once; those of oneself and of strangers do not', () => {
  expect(measuresOf(graphOf(people('abc'), ties('ab ba aa ax')))).toMatchObject({
    ties: 1,
    components: 2,
    density: 1 / 3,
  });
});

test('too few people have no centralization', () => {
  expect(measuresOf(graphOf([], []))).toMatchObject({
    people: 0,
    density: 0,
    components: 0,
    largest_component_share: 0,
  });
  expect(measuresOf(graphOf(people('ab'), ties('ab')))).toMatchObject({
    density: 1,
    degree_centralization: null,
    betweenness_centralization: null,
  });
});
