import * as operations from '../process/metric_operations.ts';
import { type NativeRoute, route } from './route.ts';

export const processMetricRoutes: NativeRoute[] = [
  route('POST', '/metrics', operations.addMetric, 'Record a process metric of a project'),
  route('POST', '/metrics/batch', operations.addMetrics, 'Record many process metrics, all or none'),
  route(
    'GET',
    '/metrics/:project_id/summary',
    operations.summarizeMetrics,
    'Summarize the process metrics of a project',
  ),
  route('GET', '/metrics/:project_id/velocity', operations.velocityOf, 'See how a process metric moves over time'),
];
