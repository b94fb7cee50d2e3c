import type { Me } from '../api/me.ts';

/** MLflow's own links, which its client prints: `/#/experiments/1/runs/0123…?workspace=team`. */
const mlflowLink = /^#?\/experiments\/(\d+)(?:\/(runs|models)\/((?:m-)?[0-9a-f]{32}))?/;

/** Where somebody who opens `/` belongs: what a link of MLflow's leads to, else their tenant's first page. */
export function homeOf({ tenant, memberships, is_operator: isOperator }: Me, hash: string): string {
  const named = new URLSearchParams(hash.split('?')[1]).get('workspace');
  const member = memberships.find((membership) => membership.tenant.slug === named) ?? tenant ?? memberships[0];
  const slug = member?.tenant.slug;
  if (slug === undefined) return isOperator ? '/operator/tenants' : '/me';
  const [, experiment, kind, id] = mlflowLink.exec(hash) ?? [];
  if (id !== undefined) return `/t/${slug}/${kind}/${id}`;
  return experiment === undefined ? `/t/${slug}` : `/t/${slug}/experiments/${experiment}`;
}
