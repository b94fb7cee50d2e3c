import { useParams } from '@tanstack/react-router';
import { type Api, apiOf } from './api.ts';

/** The slug of the tenant that the address names; '' outside of tenants. */
export const useTenant = (): string => (useParams({ strict: false }) as { tenant?: string }).tenant ?? '';

/** The API in the tenant that the address names. */
export const useApi = (): Api => apiOf(useTenant());
