import { Spotlight } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useTenant } from '../api/hooks.ts';
import { navItems } from './nav_items.ts';
import { paletteStore } from './palette_store.ts';
import { text } from './text.ts';

/** ⌘K: goes to any page of the tenant. */
export function Palette() {
  const navigate = useNavigate();
  const tenant = useTenant();
  const actions = navItems.map(({ to, label, Icon }) => ({
    id: to,
    label,
    leftSection: <Icon size={18} />,
    onClick: () => void navigate({ to, params: { tenant } }),
  }));
  return (
    <Spotlight
      store={paletteStore}
      actions={tenant === '' ? [] : actions}
      // The frame listens for the key: this piece may still be on its way.
      shortcut={null}
      nothingFound={text.noPage}
      searchProps={{ placeholder: text.search, 'aria-label': text.search }}
    />
  );
}
