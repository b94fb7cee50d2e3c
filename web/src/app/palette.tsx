import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { said } from '../api/said.ts';
import { type FoundOfKind, useFoundNames } from './found_names.ts';
import { navItems } from './nav_items.ts';
import { paletteStore } from './palette_store.ts';
import { shownName } from './shown_name.ts';
import { text } from './text.ts';

/** ⌘K: goes to any page of the tenant, and to experiments, projects and artifacts by their names. */
export function Palette() {
  const navigate = useNavigate();
  const tenant = useTenant();
  const [typed, setTyped] = useState('');
  const found = useFoundNames(typed);
  const part = typed.trim().toLowerCase();
  const pages = navItems
    .filter(({ label }) => label.toLowerCase().includes(part))
    .map(({ to, label, Icon }) => ({
      id: to,
      label,
      leftSection: <Icon size={18} />,
      onClick: () => void navigate({ to, params: { tenant } }),
    }));
  const groupOf = (
    group: string,
    { found, error, again }: FoundOfKind,
    go: (id: string) => Promise<void>,
  ): SpotlightActionGroupData => ({
    group,
    actions: [
      ...found.map(({ id, name }) => ({
        id: `${group}/${id}`,
        label: shownName(name, id),
        onClick: () => void go(id),
      })),
      ...(error === null
        ? []
        : [
            {
              id: group,
              label: text.notSearched,
              description: said(error),
              closeSpotlightOnTrigger: false,
              onClick: again,
            },
          ]),
    ],
  });
  const groups = [
    { group: text.pages, actions: pages },
    groupOf(text.nav.experiments, found.experiments, (id) =>
      navigate({ to: '/t/$tenant/experiments/$experimentId', params: { tenant, experimentId: id } }),
    ),
    groupOf(text.nav.projects, found.projects, (projectId) =>
      navigate({ to: '/t/$tenant/projects/$projectId', params: { tenant, projectId } }),
    ),
    groupOf(text.nav.library, found.artifacts, (artifactId) =>
      navigate({ to: '/t/$tenant/library/$artifactId', params: { tenant, artifactId } }),
    ),
  ].filter(({ actions }) => actions.length > 0);
  const isSearching = Object.values(found).some((of) => of.isSearching);
  return (
    <Spotlight
      store={paletteStore}
      actions={tenant === '' ? [] : groups}
      query={typed}
      onQueryChange={setTyped}
      // What is found goes with what is typed already, misspelt words included.
      filter={(_, actions) => actions}
      scrollable
      // The frame listens for the key: this piece may still be on its way.
      shortcut={null}
      nothingFound={isSearching ? text.loading : text.nothingFound}
      searchProps={{ placeholder: text.search, 'aria-label': text.search }}
    />
  );
}
