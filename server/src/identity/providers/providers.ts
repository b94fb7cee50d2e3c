import type { ProviderSettings } from '../../config_providers.ts';
import { openGithub } from './github.ts';
import { openOidc } from './oidc.ts';
import type { Provider } from './provider.ts';

/** The identity providers that the operator of the server configured, by name, in the order of the configuration. */
export type Providers = ReadonlyMap<string, Provider>;

/** Opens them without asking any of them: one that is away keeps no server from starting. */
export function openProviders(settings: readonly ProviderSettings[], fetchIt: typeof fetch = fetch): Providers {
  return new Map(
    settings.map((each) => [each.name, each.kind === 'github' ? openGithub(each, fetchIt) : openOidc(each, fetchIt)]),
  );
}
