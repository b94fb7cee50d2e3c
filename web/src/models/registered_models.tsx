import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { BookMarked } from 'lucide-react';
import { Empty } from '../app/empty.tsx';
import { AnchorLink } from '../app/links.tsx';
import { text } from './text.ts';

const route = getRouteApi('/signed-in/t/$tenant/models');

/** The place of the model registry, and what there is in its stead. */
export function RegisteredModels() {
  const { tenant } = route.useParams();
  return (
    <Empty Icon={BookMarked} title={text.noRegistry}>
      <Stack align="center">
        {text.registryLead}
        <AnchorLink to="/t/$tenant/models" params={{ tenant }}>
          {text.seeLogged}
        </AnchorLink>
      </Stack>
    </Empty>
  );
}
