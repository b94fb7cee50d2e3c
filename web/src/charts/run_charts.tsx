/** The charts of a run. */
export const RunCharts = ({ runId }: { readonly runId: string }) => <div data-run={runId} />;
