import type { Me } from '../api/me.ts';

/** MLflow's own links, which its client prints: `/#/experiments/1/runs/0123…`. */
const mlflowLink = /^#?\/experiments\/(\d+)(?:\/runs\/([0-9a-f]{32}))?/;

/** Where somebody who opens `/` belongs: what a link of MLflow's leads to, else their tenant's first page. */
export function homeOf({ tenant, memberships, is_operator: isOperator }: Me, hash: string): string {
  const slug = (tenant ?? memberships[0])?.tenant.slug;
  if (slug === undefined) return isOperator ? '/operator/tenants' : '/me';
  const [, experiment, run] = mlflowLink.exec(hash) ?? [];
  if (run !== undefined) return `/t/${slug}/runs/${run}`;
  return experiment === undefined ? `/t/${slug}` : `/t/${slug}/experiments/${experiment}`;
}
