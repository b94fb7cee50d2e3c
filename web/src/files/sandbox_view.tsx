import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Loading, Problem } from '../app/states.tsx';
import type { ViewProps } from './file_content.tsx';
import { ModeSwitch } from './mode_switch.tsx';
import { useContent } from './queries.ts';
import { SandboxFrame } from './sandbox_frame.tsx';
import { useFileSearch } from './search.ts';
import { nameOf } from './source.ts';
import { text } from './text.ts';
import { TextView } from './text_view.tsx';

/** HTML or SVG: apart from the page, and without its scripts until the reader wants them. */
export function SandboxView(props: ViewProps) {
  const name = nameOf(props.path);
  const [{ mode }] = useFileSearch();
  const [runsScripts, setRunsScripts] = useState(false);
  const content = useContent(props.source, props.path, { enabled: props.size > 0 });
  const { data } = useQuery({
    queryKey: ['html', props.source.id, props.path, content.dataUpdatedAt],
    queryFn: () => (content.data as Blob).text(),
    enabled: content.data !== undefined,
    gcTime: 5_000,
  });
  if (content.error) return <Problem error={content.error} onRetry={() => void content.refetch()} />;
  if (props.size > 0 && data === undefined) return <Loading />;
  return (
    <Stack gap="xs">
      <Alert variant="light" color="gray" icon={<ShieldCheck size={18} />} title={text.sandboxTitle}>
        <Group justify="space-between" gap="xs">
          <Text size="sm" flex="1 1 20rem">
            {runsScripts ? text.scriptsLead : text.sandboxLead}
          </Text>
          <Button size="xs" variant="default" onClick={() => setRunsScripts(!runsScripts)}>
            {runsScripts ? text.stopScripts : text.runScripts}
          </Button>
        </Group>
      </Alert>
      <ModeSwitch />
      {mode === 'text' ? (
        <TextView {...props} />
      ) : (
        <SandboxFrame html={data ?? ''} label={text.frameOf(name)} runsScripts={runsScripts} />
      )}
    </Stack>
  );
}
