import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { apiOf } from '../api/api.ts';
import { FormError } from '../app/form_error.tsx';
import { OutsidePage } from './outside_page.tsx';
import { text } from './text.ts';
import { ToSignIn } from './to_sign_in.tsx';

const { verification } = text;

/** Confirms an address by the token of a mail's link: by a press, for programs open the links of mails too. */
export function Verification({ token }: { readonly token: string }) {
  const confirming = useMutation({
    mutationFn: async () => (await apiOf('').POST('/auth/verify-email', { body: { token }, credentials: 'omit' })).data,
  });
  if (confirming.isSuccess) {
    return (
      <OutsidePage title={verification.done} lead={verification.doneLead(confirming.data.email)}>
        <ToSignIn />
      </OutsidePage>
    );
  }
  return (
    <OutsidePage title={verification.title} lead={verification.lead}>
      <FormError error={confirming.error} />
      <Button loading={confirming.isPending} onClick={() => confirming.mutate()}>
        {verification.confirm}
      </Button>
    </OutsidePage>
  );
}
