import { NativeSelect, type NativeSelectProps } from '@mantine/core';

interface RoleSelectProps extends Omit<NativeSelectProps, 'value' | 'data' | 'onChange'> {
  readonly roles: readonly string[];
  /** Stands among the choices even where it is not among those that are known. */
  readonly value: string;
  readonly onChange: (role: string) => void;
}

export const RoleSelect = ({ roles, value, onChange, ...props }: RoleSelectProps) => (
  <NativeSelect
    value={value}
    data={roles.includes(value) ? roles : [value, ...roles]}
    onChange={({ currentTarget }) => onChange(currentTarget.value)}
    {...props}
  />
);
