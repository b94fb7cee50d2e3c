import type { paths } from '@maestro/sdk/contract';
import { Alert, Button, Stack, Table, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ShieldAlert } from 'lucide-react';
import { apiOf } from '../api/api.ts';
import { FormError } from '../app/form_error.tsx';
import { locale } from '../app/locale.ts';
import { OutsidePage } from './outside_page.tsx';
import { text } from './text.ts';

const { device } = text;

type Asking = paths['/auth/device/read']['post']['responses'][200]['content']['application/json'];

const time = (moment: string): string =>
  new Date(moment).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** Shows which program asks, and approves or denies it. The heading has the focus: no key that is pressed on approves. */
export function DeviceApproval({ code, asking }: { readonly code: string; readonly asking: Asking }) {
  const deciding = useMutation({
    mutationFn: (approve: boolean) => apiOf('').POST('/auth/device/approval', { body: { user_code: code, approve } }),
  });
  if (deciding.isSuccess) {
    return deciding.variables ? (
      <OutsidePage title={device.approved} lead={device.approvedLead(asking.client_name)} />
    ) : (
      <OutsidePage title={device.denied} lead={device.deniedLead} />
    );
  }
  const facts = [
    [device.name, asking.client_name],
    [device.address, asking.address],
    [device.time, time(asking.created_at)],
    [device.tenant, asking.tenant ?? device.firstTenant],
  ] as const;
  return (
    <OutsidePage title={device.title} lead={device.lead}>
      <Stack gap="sm">
        <div>
          <Text ff="monospace" fz={28} fw={650} lts="0.1em">{`${code.slice(0, 4)}-${code.slice(4)}`}</Text>
          <Text size="sm">{device.same}</Text>
        </div>
        <Table variant="vertical" layout="fixed">
          <Table.Tbody>
            {facts.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th w={130}>{name}</Table.Th>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="sm">{device.consequence}</Text>
        <Alert color="red" variant="light" icon={<ShieldAlert size={18} aria-hidden />}>
          {device.warning}
        </Alert>
        <FormError error={deciding.error} />
        <Button loading={deciding.isPending && deciding.variables} onClick={() => deciding.mutate(true)}>
          {device.approve}
        </Button>
        <Button variant="default" disabled={deciding.isPending} onClick={() => deciding.mutate(false)}>
          {device.deny}
        </Button>
      </Stack>
    </OutsidePage>
  );
}
