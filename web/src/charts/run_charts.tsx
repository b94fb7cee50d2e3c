import { ComparedCharts } from './compared_charts.tsx';

/** The charts of one run. */
export const RunCharts = ({ runId }: { readonly runId: string }) => <ComparedCharts runIds={[runId]} />;
