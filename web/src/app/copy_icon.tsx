import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { text } from './text.ts';

/** Copies a text that stands beside it; `what` names it. */
export const CopyIcon = ({ value, what }: { readonly value: string; readonly what: string }) => (
  <CopyButton value={value} timeout={1_500}>
    {({ copied, copy }) => (
      <Tooltip label={copied ? text.copied : text.copy(what)}>
        <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={text.copy(what)}>
          {copied ? <Check size={14} /> : <Copy size={14} />}
        </ActionIcon>
      </Tooltip>
    )}
  </CopyButton>
);
