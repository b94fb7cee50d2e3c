import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import { Check, Copy, Download, Eye } from 'lucide-react';
import { saveText } from './save.ts';
import { text } from './text.ts';

/** What the server shows once and never again: a key, a webhook's secret, backup codes. */
export function SecretOnce({
  title,
  value,
  fileName,
}: {
  readonly title: string;
  /** Lines, where there are several. */
  readonly value: string;
  /** Where it may be kept as a file. */
  readonly fileName?: string;
}) {
  return (
    <Alert color="green" variant="light" icon={<Eye size={18} aria-hidden />} title={title}>
      <Stack gap="xs">
        <Text size="sm">{text.shownOnce}</Text>
        <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {value}
        </Code>
        <Group gap="xs">
          <CopyButton value={value} timeout={3_000}>
            {({ copied, copy }) => (
              <Button
                size="xs"
                variant="default"
                onClick={copy}
                leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
              >
                {copied ? text.copied : text.copy}
              </Button>
            )}
          </CopyButton>
          {fileName !== undefined && (
            <Button
              size="xs"
              variant="default"
              leftSection={<Download size={14} aria-hidden />}
              onClick={() => saveText(fileName, `${value}\n`)}
            >
              {text.download}
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
