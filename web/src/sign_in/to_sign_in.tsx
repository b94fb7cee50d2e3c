import { ButtonLink } from '../app/links.tsx';
import { text } from './text.ts';

export const ToSignIn = () => (
  <ButtonLink to="/sign-in" variant="default">
    {text.account.signIn}
  </ButtonLink>
);
