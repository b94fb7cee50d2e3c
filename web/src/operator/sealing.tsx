import { Button, Group } from '@mantine/core';
import { apiOf } from '../api/api.ts';
import { useAction } from '../api/hooks.ts';
import { tellDone } from '../app/changes.tsx';
import { count } from '../app/formats.ts';
import { Section } from '../app/section.tsx';
import { Loading, Problem } from '../app/states.tsx';
import { FactTable } from './fact_table.tsx';
import { operatorKeys, useEncryptionKey, usePepper } from './queries.ts';
import { text } from './text.ts';

const { keys: words } = text;
const api = apiOf('');

const origin = (isOwn: boolean): string => (isOwn ? words.own : words.given);

/** What seals the secrets in the database. */
export function EncryptionKey() {
  const { data, error, refetch } = useEncryptionKey();
  const taking = useAction(() => api.POST('/encryption-key/rotate'), operatorKeys.encryption);
  return (
    <Section title={words.encryption} lead={words.encryptionLead}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <FactTable
          facts={[
            [words.sealsNow, `${data.key_id} (${origin(data.is_own)})`],
            [words.sealed, count(data.sealed)],
            [words.pending, count(data.pending)],
            [
              words.older,
              data.older.map(({ key_id: id, needed_by: by }) => words.olderNeeded(id, by)).join(', ') || words.none,
            ],
          ]}
        />
      )}
      <Group>
        <Button
          variant="default"
          loading={taking.isPending}
          onClick={() => taking.mutate(undefined, { onSuccess: () => tellDone(words.taken) })}
        >
          {words.take}
        </Button>
      </Group>
    </Section>
  );
}

/** What goes into the hashes of passwords. */
export function Pepper() {
  const { data, error, refetch } = usePepper();
  const taking = useAction(() => api.POST('/password-pepper/rotate'), operatorKeys.pepper);
  const dropping = useAction(() => api.POST('/password-pepper/drop-older'), operatorKeys.pepper);
  return (
    <Section title={words.pepper} lead={words.pepperLead}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <FactTable
          facts={[
            [words.hashesNow, `${data.pepper} (${origin(data.is_own)})`],
            [words.hashes, count(data.passwords)],
            [
              words.older,
              data.older
                .map(({ pepper, passwords, backup_codes: codes }) =>
                  words.olderNeeded(pepper ?? words.none, passwords + codes),
                )
                .join(', ') || words.none,
            ],
          ]}
        />
      )}
      <Group gap="xs">
        <Button
          variant="default"
          loading={taking.isPending}
          onClick={() => taking.mutate(undefined, { onSuccess: () => tellDone(words.taken) })}
        >
          {words.takePepper}
        </Button>
        {data && data.older.length > 0 && (
          <Button
            variant="default"
            loading={dropping.isPending}
            onClick={() => dropping.mutate(undefined, { onSuccess: () => tellDone(words.dropped) })}
          >
            {words.dropPeppers}
          </Button>
        )}
      </Group>
    </Section>
  );
}
