import { existsSync } from 'node:fs';

/** Adds what `.env` in the working directory sets to the environment; what is set there already wins. */
export function loadEnvironmentFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}
