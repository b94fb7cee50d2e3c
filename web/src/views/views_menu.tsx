import { ActionIcon, Button, Checkbox, Group, Menu, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Bookmark, Link2, Trash2 } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useTenant } from '../api/hooks.ts';
import { useMay } from '../api/rights.ts';
import { tellDone } from '../app/changes.tsx';
import { FormDialog } from '../app/form_dialog.tsx';
import { linkOf, placeNow, type SavedView, useViewChanges, useViews } from './queries.ts';
import { text } from './text.ts';

function SaveForm(props: { readonly onSave: (name: string, isShared: boolean) => void; readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [isShared, setShared] = useState(false);
  return (
    <FormDialog
      title={text.title}
      action={text.submit}
      isPending={false}
      error={null}
      isReady={name.trim() !== ''}
      onSubmit={() => props.onSave(name, isShared)}
      onClose={props.onClose}
    >
      <TextInput
        label={text.name}
        required
        maxLength={200}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data-autofocus
      />
      <Checkbox
        label={text.share}
        description={text.shareLead}
        checked={isShared}
        onChange={({ currentTarget }) => setShared(currentTarget.checked)}
      />
    </FormDialog>
  );
}

function ViewItem(props: {
  readonly view: SavedView;
  readonly mayWrite: boolean;
  readonly onOpen: () => void;
  readonly onRemove: () => void;
}) {
  const { view, mayWrite, onOpen, onRemove } = props;
  const tenant = useTenant();
  const copy = async () => {
    await navigator.clipboard.writeText(linkOf(tenant, view.view_id));
    tellDone(text.copied);
  };
  return (
    <Group gap={2} wrap="nowrap" role="presentation">
      <Menu.Item flex={1} onClick={onOpen}>
        {view.name}
      </Menu.Item>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={text.copy(view.name)}
        onClick={() => void copy()}
        role="menuitem"
      >
        <Link2 size={15} />
      </ActionIcon>
      {mayWrite && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={text.remove(view.name)}
          onClick={onRemove}
          role="menuitem"
        >
          <Trash2 size={15} />
        </ActionIcon>
      )}
    </Group>
  );
}

/** Saved views of an experiment: opens one, saves what is seen, gives its link. */
export function ViewsMenu({ experimentId }: { readonly experimentId: number }) {
  const { data: views = [] } = useViews(experimentId);
  const { save, update, remove } = useViewChanges(experimentId);
  const [isSaving, setSaving] = useState(false);
  const tenant = useTenant();
  const navigate = useNavigate();
  const may = useMay();
  const mayWrite = may('experiment:write');
  const current = views.find(({ query }) => query === placeNow(tenant).query && query !== '');
  const [opened, setOpened] = useState<SavedView>();
  const open = (view: SavedView) => {
    setOpened(view);
    void navigate({ href: `/t/${tenant}/${view.path}${view.query === '' ? '' : `?${view.query}`}` });
  };
  const known = views.find(({ view_id: id }) => id === opened?.view_id);
  const parts = [
    { label: text.own, of: views.filter(({ is_shared: isShared }) => !isShared) },
    { label: text.shared, of: views.filter(({ is_shared: isShared }) => isShared) },
  ].filter(({ of }) => of.length > 0);
  return (
    <>
      <Menu position="bottom-end" width={300} withinPortal>
        <Menu.Target>
          <Button variant="default" leftSection={<Bookmark size={15} aria-hidden />}>
            {current?.name ?? text.button}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="60dvh" style={{ overflow: 'auto' }}>
          {parts.length === 0 && (
            <Text size="sm" c="dimmed" p="xs">
              {text.none}
            </Text>
          )}
          {parts.map(({ label, of }) => (
            <Fragment key={label}>
              <Menu.Label>{label}</Menu.Label>
              {of.map((view) => (
                <ViewItem
                  key={view.view_id}
                  view={view}
                  mayWrite={mayWrite}
                  onOpen={() => open(view)}
                  onRemove={() => remove.mutate(view)}
                />
              ))}
            </Fragment>
          ))}
          {mayWrite && <Menu.Divider />}
          {mayWrite && known && known !== current && (
            <Menu.Item onClick={() => update.mutate(known)}>{text.update(known.name)}</Menu.Item>
          )}
          {mayWrite && <Menu.Item onClick={() => setSaving(true)}>{text.save}</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {isSaving && (
        <SaveForm
          onSave={(name, isShared) => {
            setSaving(false);
            save.mutate({ name, isShared }, { onSuccess: setOpened });
          }}
          onClose={() => setSaving(false)}
        />
      )}
    </>
  );
}
