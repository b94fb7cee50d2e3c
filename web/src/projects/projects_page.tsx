import { Badge, Button, Stack, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { FolderKanban, SearchX } from 'lucide-react';
import { useMay } from '../api/rights.ts';
import { Empty } from '../app/empty.tsx';
import { figure } from '../app/formats.ts';
import { AnchorLink, ButtonLink } from '../app/links.tsx';
import { MoreButton } from '../app/more_button.tsx';
import { PageHead } from '../app/page_head.tsx';
import { shownName } from '../app/shown_name.ts';
import { Loading, Problem } from '../app/states.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { AddProject } from './add_project.tsx';
import { ProjectFilters } from './project_filters.tsx';
import { type Project, useProjects } from './queries.ts';
import { text } from './text.ts';
import { TimeBar } from './time_bar.tsx';

const route = getRouteApi('/signed-in/t/$tenant/projects');

export function ProjectsPage() {
  const { tenant } = route.useParams();
  const { q = '', class: problemClass = '', state, by = 'updated_at', ascending = false } = route.useSearch();
  const may = useMay();
  const [isAdding, { open, close }] = useDisclosure();
  const list = useProjects({ q, problemClass, state, by, ascending });
  const projects = list.data?.pages.flatMap((page) => page.items);
  const isFiltered = q !== '' || problemClass !== '' || state !== undefined;
  return (
    <Stack>
      <PageHead title={text.title}>
        {may('project:write') && (
          <>
            <ButtonLink variant="default" to="/t/$tenant/import" params={{ tenant }}>
              {text.importPast}
            </ButtonLink>
            <Button onClick={open}>{text.add}</Button>
          </>
        )}
      </PageHead>
      <ProjectFilters />
      {list.error && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {!projects && !list.error && <Loading />}
      {projects && projects.length > 0 && <ProjectTable projects={projects} />}
      {projects?.length === 0 && (
        <Empty Icon={isFiltered ? SearchX : FolderKanban} title={isFiltered ? text.notFoundTitle : text.noneTitle}>
          {isFiltered ? text.notFound : text.none}
        </Empty>
      )}
      <MoreButton list={list} />
      {isAdding && <AddProject onClose={close} />}
    </Stack>
  );
}

function ProjectTable({ projects }: { readonly projects: readonly Project[] }) {
  const { tenant } = route.useParams();
  return (
    <WideTable label={text.title} minWidth={720} verticalSpacing="sm" highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          {[text.name, text.problemClass, text.time, text.success, text.cost].map((head) => (
            <Table.Th key={head}>{head}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {projects.map((project) => (
          <Table.Tr key={project.project_id}>
            <Table.Td>
              <AnchorLink
                fw={600}
                to="/t/$tenant/projects/$projectId"
                params={{ tenant, projectId: project.project_id }}
              >
                {shownName(project.name, project.project_id)}
              </AnchorLink>
            </Table.Td>
            <Table.Td>
              {project.problem_class && (
                <Badge variant="default" tt="none" fw={500}>
                  {project.problem_class}
                </Badge>
              )}
            </Table.Td>
            <Table.Td w={220}>
              <TimeBar project={project} />
            </Table.Td>
            <Table.Td className="figures">{shown(project.success_score)}</Table.Td>
            <Table.Td className="figures">{shown(project.compute_cost)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

const shown = (value: number | null) => (value === null ? <Text c="dimmed">{text.unknown}</Text> : figure(value));
