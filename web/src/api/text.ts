/** What is said of calls that did not come through. */
export const text = {
  silent: 'Maestro does not answer; try again.',
  password: (fault: string) => `The password ${fault}`,
  cancelled: 'The upload was cancelled.',
};
