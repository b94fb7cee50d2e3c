import type { RouteCase } from './route_case.ts';
import { accessCases } from './route_cases_access.ts';
import { accountCases } from './route_cases_accounts.ts';
import { auditCases } from './route_cases_audit.ts';
import { comparisonCases } from './route_cases_comparison.ts';
import { deviceCases } from './route_cases_devices.ts';
import { factorCases } from './route_cases_factors.ts';
import { insightCases } from './route_cases_insight.ts';
import { libraryCases } from './route_cases_library.ts';
import { limitCases } from './route_cases_limits.ts';
import { loggedModelCases } from './route_cases_logged_models.ts';
import { machineCases } from './route_cases_machines.ts';
import { mlCases } from './route_cases_ml.ts';
import { fileCases, interfaceCases, mlflowCases } from './route_cases_mlflow.ts';
import { nativeCases } from './route_cases_native.ts';
import { processCases } from './route_cases_process.ts';
import { projectCases } from './route_cases_projects.ts';
import { providerCases } from './route_cases_providers.ts';
import { rotationCases } from './route_cases_rotation.ts';
import { sessionCases } from './route_cases_sessions.ts';
import { sourceCases } from './route_cases_sources.ts';
import { teamCases } from './route_cases_teams.ts';

/** `/api/v1`, by feature. */
const ownCases: Record<string, RouteCase> = {
  ...nativeCases,
  ...accountCases,
  ...accessCases,
  ...auditCases,
  ...limitCases,
  ...rotationCases,
  ...sessionCases,
  ...machineCases,
  ...factorCases,
  ...deviceCases,
  ...providerCases,
  ...projectCases,
  ...libraryCases,
  ...sourceCases,
  ...processCases,
  ...teamCases,
  ...mlCases,
  ...insightCases,
  ...loggedModelCases,
  ...comparisonCases,
};

/** Routes that run through no operation, each with what its answer to everybody is. */
export const unguardedRoutes: readonly string[] = [
  '/health',
  '/ready',
  '/version',
  '/.well-known/jwks.json',
  '/api/docs',
  '/api/v1/openapi.json',
  '/',
  '/sign-in',
  '/forgot-password',
  '/account',
  '/t/*',
  '/me',
  '/me/*',
  '/operator',
  '/operator/*',
  '/icon.svg',
  '/assets/:file',
  '/frame',
  '/frame/scripts',
];

/** The case of a route; HEAD is as GET. Undefined where nobody wrote one. */
export function caseOf(method: string, url: string): { name: string; found: RouteCase } | undefined {
  const verb = method === 'HEAD' ? 'GET' : method;
  const families: [RegExp, Record<string, RouteCase>][] = [
    [/^/, ownCases],
    [/^/, interfaceCases],
    [/^\/(?:ajax-)?api\/[23]\.0\/mlflow(?=\/)/, mlflowCases],
    [/^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts(?=\/)/, fileCases],
  ];
  for (const [prefix, cases] of families) {
    const name = `${verb} ${url.replace(prefix, '')}`;
    if (prefix.test(url) && Object.hasOwn(cases, name)) return { name, found: cases[name] as RouteCase };
  }
  return undefined;
}

export const caseNames: readonly string[] = [ownCases, interfaceCases, mlflowCases, fileCases].flatMap(Object.keys);
