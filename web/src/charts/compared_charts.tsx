/** The charts of several runs over each other. */
export const ComparedCharts = ({ runIds }: { readonly runIds: readonly string[] }) => <div data-runs={runIds.length} />;
