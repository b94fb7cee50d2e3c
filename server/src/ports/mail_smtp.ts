import { createTransport } from 'nodemailer';
import { hostOf, isLoopback } from '../config.ts';
import type { MailTransport } from './mail.ts';

/**
 * Mail over a server, `smtp:` or `smtps:`. The former must offer STARTTLS where the server is not on this machine:
 * links that open accounts do not travel in clear.
 */
export function smtpMail({ url, from }: { url: string; from: string }): MailTransport {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    requireTLS: url.startsWith('smtp:') && !isLoopback(hostOf(new URL(url))),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async deliver({ to, subject, text }) {
      // As an object: a text would be read as a list of addresses.
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
    },
    close: () => transport.close(),
  };
}
