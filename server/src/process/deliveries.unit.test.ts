import { expect, test } from 'vitest';
import { deliveriesOf } from './deliveries.ts';

const hour = 3_600_000;
const day = 24 * hour;
const week = { from: 0, until: 7 * day };
const ok = (at: number, repository = 'r') => ({ repository, at, succeeded: true });
const bad = (at: number, repository = 'r') => ({ repository, at, succeeded: false });
const incident = (startedAt: number, resolvedAt: number | null) => ({ startedAt, resolvedAt });

test('deployments that succeeded count, and the days that had any', () => {
  const told = deliveriesOf([ok(1 * hour), ok(2 * hour), bad(3 * hour), ok(2 * day)], [], { from: 0, until: 14 * day });
  expect(told).toMatchObject({ deployments: 3, per_week: 1.5, days_with_deployment: 2 });
});

test('a deployment that failed, and the newest one before an incident, are the failures', () => {
  const deployments = [ok(1 * day), ok(2 * day), bad(3 * day), ok(4 * day)];
  // Two incidents after one deployment are one failed deployment.
  const incidents = [incident(2.5 * day, 2.6 * day), incident(2.7 * day, null)];
  expect(deliveriesOf(deployments, incidents, week)).toMatchObject({ failed: 2, change_failure_rate: 0.5 });
});

test('an incident of a deployment before the window is none of the window’s failures, but its restoring counts', () => {
  const told = deliveriesOf([ok(-1 * day), ok(2 * day)], [incident(1 * day, 1 * day + 2 * hour)], week);
  expect(told).toMatchObject({ failed: 0, change_failure_rate: 0, hours_to_restore: { count: 1, p50: 2 } });
});

test('failures in a row are one outage, which ends with the repository’s own next success, after the window, too', () => {
  const deployments = [bad(1 * day), bad(1 * day + hour), ok(1 * day + 2 * hour, 'other'), ok(1 * day + 3 * hour)];
  expect(deliveriesOf(deployments, [], week).hours_to_restore).toMatchObject({ count: 1, p50: 3 });
  expect(deliveriesOf([bad(6 * day), ok(8 * day)], [], week).hours_to_restore).toMatchObject({ count: 1, p50: 48 });
  expect(deliveriesOf([bad(6 * day)], [incident(1 * day, null)], week)).toMatchObject({
    unrestored: 2,
    hours_to_restore: { count: 0, p50: null },
  });
});

test('where nothing was deployed there is no rate', () => {
  expect(deliveriesOf([], [], week)).toMatchObject({ deployments: 0, change_failure_rate: null, failed: 0 });
});
