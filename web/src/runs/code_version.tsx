import { Anchor, Group, Stack, Text } from '@mantine/core';
import { CopyIcon } from '../app/copy_icon.tsx';
import { Section } from '../app/section.tsx';
import { type CodeFact, codeTags, webOf } from './code_of_run.ts';
import type { Run } from './queries.ts';
import { text } from './text.ts';

/** Which code a run was, and how it was started. */
export function CodeVersion({ run }: { readonly run: Run }) {
  const facts = (Object.keys(codeTags) as CodeFact[]).flatMap((name) => {
    const value = run.tags[codeTags[name]];
    return value ? [{ name, value }] : [];
  });
  const repository = webOf(run.tags[codeTags.repository]);
  return (
    <Section title={text.code}>
      {facts.length === 0 && (
        <Text size="sm" c="dimmed">
          {text.noCode}
        </Text>
      )}
      <Stack gap={4} component="dl" m={0}>
        {facts.map(({ name, value }) => (
          <Group key={name} gap="xs" wrap="nowrap" align="start">
            <Text component="dt" size="sm" c="dimmed" w={96} flex="none">
              {text[name]}
            </Text>
            <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
              {name === 'repository' && repository ? (
                <Anchor href={repository} target="_blank" rel="noopener noreferrer nofollow" inherit>
                  {value}
                </Anchor>
              ) : (
                value
              )}
              {name === 'commit' && <CopyIcon value={value} what={text.commit} />}
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
