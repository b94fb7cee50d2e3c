/** What signing in says. */
export const text = {
  title: 'Sign in to Maestro',
  again: 'Your session has ended',
  againLead: 'Sign in to go on where you are; nothing of this page is lost.',
  email: 'E-mail address',
  password: 'Password',
  signIn: 'Sign in',
};
