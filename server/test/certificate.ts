import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueCertificate, makeAuthority } from '../src/tls/authority.ts';

/** Makes a certificate for localhost and its key in `folder`, and gives the paths of the PEM files; `ca`: who vouches. */
export async function makeCertificate(
  folder: string,
  { names = ['localhost', '127.0.0.1'] }: { names?: readonly string[] } = {},
): Promise<{ cert: string; key: string; ca: string }> {
  const authority = await makeAuthority('ec', 2);
  const made = await issueCertificate(authority, { names, keyType: 'ec', days: 1 });
  const [cert, key, ca] = [join(folder, 'tls.crt'), join(folder, 'tls.key'), join(folder, 'tls.ca.crt')];
  await writeFile(cert, made.cert);
  await writeFile(key, made.key, { mode: 0o600 });
  await writeFile(ca, authority.cert);
  return { cert, key, ca };
}
