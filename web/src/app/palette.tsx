import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { said } from '../api/said.ts';
import { sections } from '../settings/sections.ts';
import { type FoundOfKind, useFoundNames } from './found_names.ts';
import { accountItems, navItems } from './nav_items.ts';
import { paletteStore } from './palette_store.ts';
import { shownName } from './shown_name.ts';
import { text } from './text.ts';

type Page = (typeof navItems | typeof accountItems | typeof sections)[number];

/** The first one of the settings is a page of the menu. */
const inSettings = sections.slice(1);

/**
 * ⌘K: goes to any page of the tenant, by its name to those of its settings and of one's own account, and to experiments,
 * projects and artifacts by theirs.
 */
export function Palette() {
  const navigate = useNavigate();
  const tenant = useTenant();
  const [typed, setTyped] = useState('');
  const found = useFoundNames(typed);
  const may = useMay();
  const part = typed.trim().toLowerCase();
  const pagesOf = (items: readonly Page[]) =>
    items
      .filter(({ label }) => label.toLowerCase().includes(part))
      .map(({ to, label, Icon }) => ({
        id: to,
        label,
        leftSection: <Icon size={18} />,
        onClick: () => void navigate({ to, params: { tenant } }),
      }));
  const named = (items: readonly Page[]) => (part === '' ? [] : pagesOf(items));
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
    { group: text.pages, actions: pagesOf(navItems) },
    { group: text.nav.settings, actions: named(inSettings.filter(({ takes }) => may(takes))) },
    { group: text.accountNav.label, actions: named(accountItems) },
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
