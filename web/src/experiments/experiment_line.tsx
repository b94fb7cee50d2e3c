import { ActionIcon, Badge, Group, Table, Tooltip } from '@mantine/core';
import { Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { useTenant } from '../api/hooks.ts';
import { ago, moment } from '../app/formats.ts';
import { AnchorLink } from '../app/links.tsx';
import { shownName } from '../app/shown_name.ts';
import type { Experiment } from './queries.ts';
import { text } from './text.ts';

/** Tags of people's own: those of programs say nothing here. */
const ownTags = (tags: Experiment['tags']): [string, string][] =>
  Object.entries(tags).filter(([key]) => !/^(?:mlflow|maestro)\./.test(key));

const tagsMax = 4;

export interface LineActions {
  readonly mayWrite: boolean;
  readonly mayDelete: boolean;
  readonly onRename: (experiment: Experiment) => void;
  readonly onRemove: (experiment: Experiment) => void;
  readonly onRestore: (experiment: Experiment) => void;
}

export function ExperimentLine(props: LineActions & { readonly experiment: Experiment; readonly isDeleted: boolean }) {
  const { experiment, isDeleted } = props;
  const { experiment_id: id, name, tags, project } = experiment;
  const tenant = useTenant();
  const shown = shownName(name, id);
  const button = (label: string, Icon: typeof Pencil, onClick: (experiment: Experiment) => void) => (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={() => onClick(experiment)}>
        <Icon size={15} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <Table.Tr>
      {/* A name without a space is broken anywhere, or it would push the other columns out of the window. */}
      <Table.Td miw={180} style={{ overflowWrap: 'anywhere' }}>
        <AnchorLink
          to="/t/$tenant/experiments/$experimentId"
          params={{ tenant, experimentId: String(id) }}
          lineClamp={3}
          title={name}
        >
          {shown}
        </AnchorLink>
      </Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        {project && (
          <AnchorLink to="/t/$tenant/projects/$projectId" params={{ tenant, projectId: project.project_id }} size="sm">
            {shownName(project.name, project.project_id)}
          </AnchorLink>
        )}
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {ownTags(tags)
            .slice(0, tagsMax)
            .map(([key, value]) => (
              <Badge key={key} variant="default" tt="none" fw={400} maw={220} title={`${key}: ${value}`}>
                {key}: {value}
              </Badge>
            ))}
        </Group>
      </Table.Td>
      <Table.Td className="figures" title={moment(experiment.last_update_time)}>
        {ago(experiment.last_update_time)}
      </Table.Td>
      <Table.Td>
        <Group gap={2} wrap="nowrap" justify="flex-end">
          {!isDeleted && props.mayWrite && button(text.renameOf(shown), Pencil, props.onRename)}
          {!isDeleted && props.mayDelete && button(text.removeOf(shown), Trash2, props.onRemove)}
          {isDeleted && props.mayDelete && button(text.restoreOf(shown), RotateCcw, props.onRestore)}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
