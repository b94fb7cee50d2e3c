import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../data_dir.ts';
import type { MailTransport } from './mail.ts';

/** Whether a text has an e-mail address in it, whatever its case, and not as a part of a longer one. */
function names(text: string, address: string): boolean {
  const words = text.toLowerCase().split(/[\s<>"(),;]+/);
  return words.some((word) => word.replace(/[.:]+$/, '') === address.toLowerCase());
}

/**
 * Mail into a folder (0700), a file (0600) each: where no server is configured, whoever runs Maestro hands the links
 * over. The text stands in it as it is (RFC 6532, 8bit), where a library would break a link over several lines. `from`
 * is the sender.
 */
export async function outboxMail({ folder, from }: { folder: string; from: string }): Promise<MailTransport> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  let written = 0;
  return {
    async deliver({ to, subject, text }) {
      const now = new Date();
      const headers = [
        `From: ${from}`,
        `To: ${to}`,
        `Subject: ${subject}`,
        `Date: ${now.toUTCString().replace('GMT', '+0000')}`,
        `Message-ID: <${randomUUID()}@maestro.invalid>`,
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: 8bit',
      ];
      // Names that sort by time, and say nothing of who is written to.
      const name = `${now.toISOString().replaceAll(/[:.]/g, '-')}-${String(++written).padStart(6, '0')}.eml`;
      await writePrivateFile(join(folder, name), `${headers.join('\n')}\n\n${text}`);
    },
    async forget(address, found) {
      const naming: string[] = [];
      // Drafts that a crash left are among the files.
      for (const name of await readdir(folder)) {
        // Whoever runs Maestro may take a mail at any moment.
        const text = await readFile(join(folder, name), 'utf8').catch(() => '');
        if (names(text, address)) naming.push(name);
      }
      await found(naming.length);
      for (const name of naming) await rm(join(folder, name), { force: true });
    },
    close() {},
  };
}
