import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { apiOf } from '../api/api.ts';
import { Confirm } from '../app/confirm.tsx';
import { SecretOnce } from '../app/secret_once.tsx';
import { Section } from '../app/section.tsx';
import { own } from './queries.ts';
import { text } from './text.ts';

const { security: words } = text;

export function BackupCodes({ left }: { readonly left: number }) {
  const [isAsked, setAsked] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>();
  return (
    <Section
      title={words.backupCodes}
      lead={`${words.backupLead} ${words.backupLeft(left)}`}
      actions={
        <Button variant="default" onClick={() => setAsked(true)}>
          {words.renewCodes}
        </Button>
      }
    >
      {codes && <SecretOnce title={words.yourCodes} value={codes.join('\n')} fileName={words.codesFile} />}
      {isAsked && (
        <Confirm
          title={words.renewTitle}
          button={words.renewCodes}
          changed={own.factors}
          onConfirm={async () => (await apiOf('').POST('/me/factors/backup-codes')).data.backup_codes}
          onDone={setCodes}
          onClose={() => setAsked(false)}
        >
          <Text size="sm">{words.renewWarning}</Text>
        </Confirm>
      )}
    </Section>
  );
}
