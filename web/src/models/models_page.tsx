import { Stack, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { PageHead } from '../app/page_head.tsx';
import { useRouteSearch } from '../app/use_page_search.ts';
import { LoggedModels } from './logged_models.tsx';
import { RegisteredModels } from './registered_models.tsx';
import { modelTabs } from './routes.ts';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/models');

export function ModelsPage() {
  const [{ tab = 'logged' }, change] = useRouteSearch(route);
  const go = (value: string | null) => change({ tab: modelTabs.find((name) => name === value && name !== 'logged') });
  return (
    <Stack>
      <PageHead title={text.title} />
      <Tabs value={tab} keepMounted={false} onChange={go}>
        <Tabs.List>
          {modelTabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {text.tabs[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="logged" pt="md">
          <LoggedModels />
        </Tabs.Panel>
        <Tabs.Panel value="registered" pt="md">
          <RegisteredModels />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
