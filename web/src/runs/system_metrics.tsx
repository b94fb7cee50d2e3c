import { isSystemMetric, MetricsList } from './metrics_list.tsx';
import type { Run } from './queries.ts';
import { text } from './text.ts';

/** What the machine of a run was busy with. */
export const SystemMetrics = ({ run }: { readonly run: Run }) => (
  <MetricsList run={run} search="" title={text.tabs.system} isShown={isSystemMetric} none={text.noSystem} />
);
