import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { mayIn, type Permission, useRights } from '../api/rights.ts';
import { Empty } from './empty.tsx';
import { Loading, Problem } from './states.tsx';
import { text } from './text.ts';

/** Shows `children` to those who hold a permission in the tenant; to others, which one it takes. */
export function Takes({ permission, children }: { readonly permission: Permission; readonly children: ReactNode }) {
  const { data, error, refetch } = useRights();
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (mayIn(data, permission)) return children;
  return (
    <Empty Icon={Lock} title={text.noRight(permission)}>
      {text.askAdministrator}
    </Empty>
  );
}
