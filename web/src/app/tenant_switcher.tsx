import { Button, Combobox, ScrollArea, useCombobox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown } from 'lucide-react';
import { useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { meQuery } from '../api/me.ts';
import { text } from './text.ts';

/** Goes to another of one's tenants, found by typing. */
export function TenantSwitcher() {
  const { data: me } = useQuery(meQuery);
  const tenant = useTenant();
  const navigate = useNavigate();
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const slugs = (me?.memberships ?? []).map((membership) => membership.tenant.slug);
  const found = slugs.filter((slug) => slug.includes(search.trim().toLowerCase()));
  if (slugs.length === 0) return null;
  return (
    <Combobox
      store={combobox}
      width={260}
      // In the header, which is a landmark: what stands in none is hard to find by ear.
      withinPortal={false}
      position="bottom-start"
      onOptionSubmit={(slug) => {
        combobox.closeDropdown();
        void navigate({ to: '/t/$tenant', params: { tenant: slug } });
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <Button
          variant="default"
          size="xs"
          rightSection={<ChevronsUpDown size={14} aria-hidden />}
          aria-label={tenant === '' ? text.toTenant : `${text.tenant}: ${tenant}`}
          aria-haspopup="listbox"
          onClick={() => combobox.toggleDropdown()}
        >
          {tenant === '' ? text.toTenant : tenant}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder={text.tenant}
          aria-label={text.tenant}
        />
        <Combobox.Options aria-label={text.toTenant}>
          <ScrollArea.Autosize mah={240} type="scroll">
            {found.map((slug) => (
              <Combobox.Option key={slug} value={slug} active={slug === tenant}>
                {slug}
              </Combobox.Option>
            ))}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
