import type { FirstStart } from './identity/bootstrap.ts';

// A reader that goes away (npm start | head) ends the output, not the server.
process.stdout.on('error', () => undefined);

/** One line for people, on standard output; logs go to standard error. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Shows what the first start made, clearly set apart. False where nobody reads standard output any more. */
export function announceFirstStart(
  url: string,
  { email, password, apiKey, apiKeyEnds }: FirstStart,
  /** The file by which the client trusts this Maestro and the public authorities, where it needs one. */
  bundle: string | undefined,
): Promise<boolean> {
  const rule = '─'.repeat(78);
  const lines = [
    '',
    rule,
    'Maestro is set up. This is shown once: keep it.',
    '',
    `  Address    ${url}`,
    `  E-mail     ${email}`,
    `  Password   ${password}`,
    '',
    `For the mlflow client${apiKeyEnds === null ? '' : `, until ${apiKeyEnds.toISOString().slice(0, 10)}`}:`,
    '',
    `export MLFLOW_TRACKING_URI=${url}`,
    `export MLFLOW_TRACKING_TOKEN=${apiKey}`,
    // The client has a variable of its own too, which it forgets when it uploads a file in parts.
    ...(bundle === undefined ? [] : [`export REQUESTS_CA_BUNDLE=${bundle}`]),
    rule,
    '',
    '',
  ];
  return new Promise((resolve) => {
    process.stdout.write(lines.join('\n'), (error) => resolve(!error));
  });
}
