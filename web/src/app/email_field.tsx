import { TextInput, type TextInputProps } from '@mantine/core';

/** Asks for an e-mail address, of no more characters than one has (RFC 5321). */
export const EmailField = (props: TextInputProps) => <TextInput type="email" maxLength={254} required {...props} />;
