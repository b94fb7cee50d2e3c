import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ConfigError, type Environment, parseConfig } from './config.ts';

const url = 'https://embeddings.example.com/v1';
const model = 'small';
const key = randomUUID();

function faultsOf(env: Environment): readonly string[] {
  try {
    parseConfig({ MAESTRO_ENV: 'development', ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the embeddings service', () => {
  test('is none unless one is named, and its key is held apart', () => {
    expect(parseConfig({}).config.security.embeddings).toBeUndefined();
    const { config, secrets } = parseConfig({
      MAESTRO_EMBEDDINGS_URL: `${url}/`,
      MAESTRO_EMBEDDINGS_MODEL: model,
      MAESTRO_EMBEDDINGS_KEY: key,
    });
    expect(config.security.embeddings).toEqual({ url, model });
    expect(secrets.security.embeddingsKey).toBe(key);
    expect(JSON.stringify(config)).not.toContain(key);
  });

  test('may be of this machine in clear, and of no other', () => {
    const at = (address: string) =>
      faultsOf({ MAESTRO_EMBEDDINGS_URL: address, MAESTRO_EMBEDDINGS_MODEL: model, MAESTRO_EMBEDDINGS_KEY: key });
    expect(at('http://localhost:11434/v1')).toEqual([]);
    expect(at('http://embeddings.example.com/v1')).toEqual([expect.stringContaining('in clear')]);
    expect(at('https://user:pass@embeddings.example.com/v1')).toEqual([expect.stringContaining('scheme, host')]);
    expect(at('embeddings')).toEqual([expect.stringContaining('https://')]);
  });

  test('is named with its model, and a key with both', () => {
    expect(faultsOf({ MAESTRO_EMBEDDINGS_URL: url })).toEqual([expect.stringContaining('give both, or neither')]);
    expect(faultsOf({ MAESTRO_EMBEDDINGS_MODEL: model })).toEqual([expect.stringContaining('give both, or neither')]);
    const faults = faultsOf({ MAESTRO_EMBEDDINGS_KEY: key });
    expect(faults).toEqual([expect.stringContaining('without MAESTRO_EMBEDDINGS_URL')]);
    expect(faults.join()).not.toContain(key);
  });
});
