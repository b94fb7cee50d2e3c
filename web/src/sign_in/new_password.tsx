import { PasswordInput, Stack, Text } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { apiOf } from '../api/api.ts';
import { said } from '../api/said.ts';
import classes from './strength.module.css';
import { text } from './text.ts';

const { strength } = text;

/** Of whom the password is, as far as that is known: what is near it is guessed first. */
export interface Owner {
  readonly email?: string;
  readonly tenant?: string;
  readonly with_factor?: boolean;
}

const pauseMs = 250;

/** A field for a password that is chosen, with what the server thinks of it. */
export function NewPassword({
  value,
  onChange,
  owner = {},
}: {
  readonly value: string;
  readonly onChange: (password: string) => void;
  readonly owner?: Owner;
}) {
  const field = useId();
  const [{ password, turn }, setAsked] = useState({ password: '', turn: 0 });
  const ask = useDebouncedCallback(
    (next: string) => setAsked((before) => ({ password: next, turn: before.turn + 1 })),
    pauseMs,
  );
  const { data, error } = useQuery({
    // By turns: a password in a key would stay in the cache.
    queryKey: ['password-strength', field, owner, turn],
    queryFn: async ({ signal }) =>
      (await apiOf('').POST('/auth/password-strength', { body: { password, ...owner }, credentials: 'omit', signal }))
        .data,
    enabled: password !== '',
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const isKnown = value !== '' && data !== undefined;
  const score = isKnown ? (data.score ?? 0) : 0;
  const [problem] = isKnown ? data.problems : [];
  const advice = problem
    ? strength.problem(problem.message)
    : isKnown && data.score !== null
      ? strength.is(strength.words[score] ?? '')
      : '';
  return (
    <Stack gap={6}>
      <PasswordInput
        label={strength.label}
        autoComplete="new-password"
        maxLength={1024}
        required
        value={value}
        onChange={({ currentTarget }) => {
          onChange(currentTarget.value);
          ask(currentTarget.value);
        }}
        visibilityToggleButtonProps={{ 'aria-label': text.showPassword, tabIndex: 0 }}
        aria-describedby="password-advice"
      />
      <meter className={classes.native} aria-label={strength.meter} min={0} max={4} value={score} />
      <div className={classes.meter} aria-hidden>
        {[1, 2, 3, 4].map((step) => (
          <span key={step} className={classes.bar} data-on={step <= score ? score : undefined} />
        ))}
      </div>
      <Text id="password-advice" size="sm" c="dimmed" mih="1.4em" aria-live="polite">
        {error ? said(error) : advice}
      </Text>
    </Stack>
  );
}
