import { Button, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { text } from './text.ts';

/** Sets a tag: a new one where `tag` is ''. */
export function TagForm(props: {
  readonly tag: string;
  readonly value: string;
  readonly onSave: (key: string, value: string) => void;
  readonly onCancel: () => void;
}) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { key: props.tag, value: props.value } });
  return (
    <form
      onSubmit={form.onSubmit(({ key, value }) => {
        if (key.trim() !== '') props.onSave(key.trim(), value);
      })}
    >
      <Group gap="xs" align="end">
        <TextInput
          {...form.getInputProps('key')}
          key={form.key('key')}
          label={text.key}
          disabled={props.tag !== ''}
          maxLength={250}
          flex="1 1 8rem"
          required
          data-autofocus={props.tag === '' || undefined}
        />
        <TextInput
          {...form.getInputProps('value')}
          key={form.key('value')}
          label={text.value}
          maxLength={8000}
          flex="2 1 10rem"
        />
        <Button type="submit">{text.save}</Button>
        <Button variant="default" onClick={props.onCancel}>
          {text.cancel}
        </Button>
      </Group>
    </form>
  );
}
