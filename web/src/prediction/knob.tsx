import { Slider, Stack, Text } from '@mantine/core';

interface KnobProps {
  readonly label: string;
  readonly value: number;
  /** The value as it is read. */
  readonly shown: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly onChange: (value: number) => void;
  /** Where it was left. */
  readonly onChangeEnd: (value: number) => void;
}

/** A slider with its name and its value above it. */
export const Knob = ({ label, shown, ...slider }: KnobProps) => (
  <Stack gap={4}>
    <Text size="sm">
      {label}: {shown}
    </Text>
    <Slider thumbLabel={label} label={shown} {...slider} />
  </Stack>
);
