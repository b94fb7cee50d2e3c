import { existsSync, readFileSync } from 'node:fs';
import type { SecurityReader } from './config_security.ts';
import { secretPath } from './data_dir.ts';
import { previousName, secretNames } from './identity/secrets.ts';
import { type SecretName, storedSecrets, variables } from './variables.ts';

/** Made and kept in the data directory where nobody gives them: good for development alone. */
const kept = [
  ['MAESTRO_ENCRYPTION_KEY', secretNames.encryptionKey, 'MAESTRO_ENCRYPTION_KEY_PREVIOUS'],
  ['MAESTRO_PASSWORD_PEPPER', secretNames.passwordPepper, 'MAESTRO_PASSWORD_PEPPER_PREVIOUS'],
] as const;

/** URLs whose password is one of ours to choose. */
const ownUrls: readonly SecretName[] = [
  'DATABASE_URL',
  'MAESTRO_DATABASE_OWNER_URL',
  'MAESTRO_DATABASE_SYSTEM_URL',
  'REDIS_URL',
];
const passwordLengthMin = 12;
/** What examples, images and tutorials set up. */
const defaultPasswords = ['postgres', 'password', 'secret', 'maestro', 'admin', 'changeme', 'redis', 'root', 'test'];

/** What is wrong with the secrets of a production: each fault a sentence pushed to `faults`, without a secret in it. */
export function checkProduction(read: Pick<SecurityReader, 'secret'>, dataDir: string, faults: string[]): void {
  for (const [name, file, former] of kept) {
    const fault = faultOfKept(name, read.secret(name), secretPath(dataDir, file));
    if (fault !== undefined) faults.push(fault);
    // Once a secret is given, these are not read any more: what needs them would be lost in silence.
    const formerFile = secretPath(dataDir, previousName(file));
    if (existsSync(formerFile)) faults.push(`${former}: give the text of ${formerFile}, and then remove that file`);
  }
  const materials = new Map<string, SecretName>();
  for (const name of storedSecrets) {
    const value = read.secret(name);
    if (value === undefined) continue;
    const fault = faultOfValue(name, value);
    if (fault !== undefined) faults.push(`${name}: ${fault}`);
    const material = secretPartOf(value);
    const same = materials.get(material);
    // While a key takes the place of another, the one so far may be among the former ones already.
    if (material !== '' && same !== undefined && name !== `${same}_PREVIOUS`)
      faults.push(`${name} holds the same secret as ${same}: give each its own`);
    else materials.set(material, name);
  }
}

function faultOfKept(name: SecretName, given: string | undefined, file: string): string | undefined {
  const there = existsSync(file);
  if (given === undefined) {
    const instead = there
      ? `give the text of ${file}, which development made, and then remove that file`
      : 'npx maestro secrets generate makes one';
    return `${name} is needed in production (see MAESTRO_ENV): ${instead}`;
  }
  if (!there || readFileSync(file, 'utf8').trim() !== given) return undefined;
  return `${name} lies open beside the data as well, in ${file}, where development made it: remove that file`;
}

/** What has to be secret in a value: of a URL its password, which may be none. */
function secretPartOf(value: string): string {
  return URL.canParse(value) && value.includes('://') ? decoded(new URL(value).password) : value;
}

function faultOfValue(name: SecretName, value: string): string | undefined {
  const variable = variables.find((known) => known.name === name);
  const secret = secretPartOf(value);
  // An address that opens nothing is none: such as that of a Redis without a password.
  if (secret === '') return undefined;
  if (value === variable?.example) return 'this is the value of the example';
  if (variable !== undefined && 'random' in variable) {
    return isRandom(Buffer.from(value, 'base64')) ? undefined : 'these are not 32 random bytes';
  }
  if (secret === value) return undefined;
  const user = decoded(new URL(value).username);
  if (secret === user || defaultPasswords.includes(secret.toLowerCase())) {
    return 'its password is a default that everybody knows';
  }
  if (ownUrls.includes(name) && secret.length < passwordLengthMin) {
    return `its password is shorter than ${passwordLengthMin} characters`;
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether bytes may be of a random source: 32 such are never all text, and never have fewer than 20 values. */
function isRandom(bytes: Buffer): boolean {
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  const step = (bytes[1] ?? 0) - (bytes[0] ?? 0);
  const isCount = bytes.every((byte, index) => index === 0 || (byte - bytes[index - 1]! - step) % 256 === 0);
  return !isText && !isCount && new Set(bytes).size >= 20;
}
