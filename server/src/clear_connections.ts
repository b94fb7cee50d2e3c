import type { DatabaseSecrets, Secrets } from './config.ts';
import { isInClear } from './db/login_url.ts';
import { isRedisInClear } from './ports/redis_connection.ts';

function databaseUrls(database: DatabaseSecrets): Record<string, string> {
  switch (database.kind) {
    case 'embedded':
      return {};
    case 'made':
      return { DATABASE_URL: database.url };
    case 'given':
      return {
        DATABASE_URL: database.serverUrl,
        MAESTRO_DATABASE_OWNER_URL: database.ownerUrl,
        MAESTRO_DATABASE_SYSTEM_URL: database.systemUrl,
      };
  }
}

/** What Maestro would send over a network without TLS: a sentence for each variable that says so. */
export function connectionsInClear({ database, redisUrl }: Pick<Secrets, 'database' | 'redisUrl'>): string[] {
  const databases = Object.entries(databaseUrls(database))
    .filter(([name, url]) => isInClear(url, name))
    .map(([name]) => `${name}: all data go over the network in clear; add ?sslmode=verify-full to the address`);
  const isRedis = redisUrl !== undefined && isRedisInClear(redisUrl);
  return [
    ...databases,
    ...(isRedis ? ['REDIS_URL: what is sent to Redis goes over the network in clear; use a rediss:// address'] : []),
  ];
}
