import { graphlib, layout } from '@dagrejs/dagre';
import type { Edge, Node } from '@xyflow/react';
import type { Lineage } from './queries.ts';
import { text } from './text.ts';

export interface LineageNode extends Record<string, unknown> {
  readonly kind: 'project' | 'experiment' | 'run' | 'version' | 'user';
  readonly label: string;
  /** Where a click leads, within the tenant. */
  readonly to?: { readonly kind: 'project' | 'experiment' | 'run'; readonly id: string };
}

const width = 180;
const height = 52;

/** What leads to each version (project, experiment, run) and the projects that use it, laid out from left to right. */
export function lineageGraph({ versions }: Lineage): { nodes: Node<LineageNode>[]; edges: Edge[] } {
  const data = new Map<string, LineageNode>();
  const edges = new Map<string, Edge>();
  const connect = (source: string | undefined, target: string) => {
    if (source !== undefined) edges.set(`${source}>${target}`, { id: `${source}>${target}`, source, target });
  };
  for (const { version, run, experiment, project, used_by } of versions) {
    const here = `version:${version}`;
    data.set(here, { kind: 'version', label: version });
    let before: string | undefined;
    const lead = (id: string, node: LineageNode) => {
      data.set(id, node);
      connect(before, id);
      before = id;
    };
    if (project) {
      const to = { kind: 'project', id: project.project_id } as const;
      lead(`from:${project.project_id}`, { kind: 'project', label: project.name, to });
    }
    if (experiment) {
      const to = { kind: 'experiment', id: String(experiment.experiment_id) } as const;
      lead(`experiment:${experiment.experiment_id}`, { kind: 'experiment', label: experiment.name, to });
    }
    if (run) {
      const to = { kind: 'run', id: run.run_id } as const;
      lead(`run:${run.run_id}`, { kind: 'run', label: run.name ?? run.run_id.slice(0, 8), to });
    }
    connect(before, here);
    for (const { project_id: id, project_name: name } of used_by) {
      const label = name ?? text.hiddenProject;
      data.set(`user:${id}`, { kind: 'user', label, ...(name === null ? {} : { to: { kind: 'project', id } }) });
      connect(here, `user:${id}`);
    }
  }
  return { nodes: placed(data, [...edges.values()]), edges: [...edges.values()] };
}

function placed(data: ReadonlyMap<string, LineageNode>, edges: readonly Edge[]): Node<LineageNode>[] {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 56 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of data.keys()) graph.setNode(id, { width, height });
  for (const { source, target } of edges) graph.setEdge(source, target);
  layout(graph);
  return [...data].map(([id, node]) => {
    const { x = 0, y = 0 } = graph.node(id) as { x?: number; y?: number };
    return { id, type: 'lineage', data: node, position: { x: x - width / 2, y: y - height / 2 }, width, height };
  });
}
