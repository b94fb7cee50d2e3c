import { useQuery } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { meQuery } from '../api/me.ts';
import { Empty } from '../app/empty.tsx';
import { text } from './text.ts';

/** Shows `children` to operators; to others, that it takes one. */
export function OperatorsOnly({ children }: { readonly children: ReactNode }) {
  const { data: me } = useQuery(meQuery);
  if (me?.is_operator) return children;
  return (
    <Empty Icon={Lock} title={text.takesOperator}>
      {text.takesOperatorLead}
    </Empty>
  );
}
