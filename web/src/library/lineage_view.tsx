import '@xyflow/react/dist/style.css';
import { Button, Group, Stack, Text, useComputedColorScheme } from '@mantine/core';
import { Background, Controls, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import { useMemo, useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { AnchorLink } from '../app/links.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { type LineageNode, lineageGraph } from './lineage_graph.ts';
import { LineageTable } from './lineage_table.tsx';
import classes from './lineage_view.module.css';
import { useLineage } from './queries.ts';
import { text } from './text.ts';

const labels = {
  project: text.project,
  experiment: text.experiment,
  run: text.run,
  version: text.version,
  user: text.project,
} as const;

function LineageBox({ data: { kind, label, to } }: NodeProps<Node<LineageNode>>) {
  const tenant = useTenant();
  return (
    <div className={classes.box} data-kind={kind}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <Text size="xs" c="dimmed">
        {labels[kind]}
      </Text>
      {to === undefined && (
        <Text size="sm" truncate>
          {label}
        </Text>
      )}
      {to?.kind === 'project' && (
        <AnchorLink size="sm" truncate to="/t/$tenant/projects/$projectId" params={{ tenant, projectId: to.id }}>
          {label}
        </AnchorLink>
      )}
      {to?.kind === 'experiment' && (
        <AnchorLink
          size="sm"
          truncate
          to="/t/$tenant/experiments/$experimentId"
          params={{ tenant, experimentId: to.id }}
        >
          {label}
        </AnchorLink>
      )}
      {to?.kind === 'run' && (
        <AnchorLink size="sm" truncate to="/t/$tenant/runs/$runId" params={{ tenant, runId: to.id }}>
          {label}
        </AnchorLink>
      )}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

const nodeTypes = { lineage: LineageBox };

/** Where an artifact comes from and where it went, as a graph or as a table. */
export function LineageView({ artifactId }: { readonly artifactId: string }) {
  const { data, error, refetch } = useLineage(artifactId);
  const scheme = useComputedColorScheme();
  const [isTable, setTable] = useState(false);
  const graph = useMemo(() => data && lineageGraph(data), [data]);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data || !graph) return <Loading />;
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm">{text.lineageOf(data.name)}</Text>
        <Button size="compact-sm" variant="default" onClick={() => setTable(!isTable)}>
          {isTable ? text.asGraph : text.asTable}
        </Button>
      </Group>
      {isTable ? (
        <LineageTable lineage={data} />
      ) : (
        <div className={classes.graph}>
          <ReactFlow
            {...graph}
            nodeTypes={nodeTypes}
            colorMode={scheme}
            fitView
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            aria-label={text.lineageOf(data.name)}
          >
            <Background />
            <Controls showInteractive={false} />
          </ReactFlow>
        </div>
      )}
    </Stack>
  );
}
