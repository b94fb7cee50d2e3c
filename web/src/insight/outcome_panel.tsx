import { Alert, Progress, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { Facts } from '../app/facts.tsx';
import { count } from '../app/formats.ts';
import { Section } from '../app/section.tsx';
import { WideTable } from '../app/wide_table.tsx';
import { CalibrationPlot } from './calibration_plot.tsx';
import type { OutcomeModel } from './queries.ts';
import { text } from './text.ts';

/** One outcome: errors, intervals, calibration, what it looks at, and whether the work has changed since. */
export function OutcomePanel({ model }: { readonly model: OutcomeModel }) {
  return (
    <Stack>
      <Text size="sm">{text.rows(model.rows)}</Text>
      {model.warnings.map((warning) => (
        <Alert key={warning} color="yellow" role="note">
          {warning}
        </Alert>
      ))}
      <Facts facts={factsOf(model)} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {model.calibration.length > 0 && (
          <Section title={text.calibration}>
            <CalibrationPlot points={model.calibration} />
          </Section>
        )}
        {model.importances.length > 0 && (
          <Section title={text.importances}>
            <Importances model={model} />
          </Section>
        )}
        {model.learners.length > 0 && (
          <Section title={text.learners}>
            <Learners model={model} />
          </Section>
        )}
        {model.drift && (
          <Section title={text.drift}>
            <Drift drift={model.drift} />
          </Section>
        )}
      </SimpleGrid>
    </Stack>
  );
}

function factsOf({ errors, intervals, probabilities, scored }: OutcomeModel): [string, string][] {
  const { facts, short, share } = text;
  return [
    ...(errors
      ? ([
          [facts.mae, short(errors.mae)],
          [facts.mdMre, share(errors.md_mre)],
          [facts.pred25, share(errors.pred_25)],
          [facts.sa, share(errors.sa)],
        ] satisfies [string, string][])
      : []),
    ...(probabilities
      ? ([
          [facts.brier, short(probabilities.brier)],
          [facts.baseBrier, short(probabilities.base_rate_brier)],
          [facts.auc, short(probabilities.auc)],
          [facts.calibrationError, short(probabilities.calibration_error)],
        ] satisfies [string, string][])
      : []),
    ...(intervals
      ? ([
          [facts.coverage, text.coverage(intervals.coverage, intervals.nominal)],
          [facts.width, short(intervals.mean_width)],
        ] satisfies [string, string][])
      : []),
    ...(scored
      ? ([
          [facts.scored, count(scored.predictions)],
          [facts.scoredCoverage, share(scored.coverage)],
        ] satisfies [string, string][])
      : []),
  ];
}

function Importances({ model }: { readonly model: OutcomeModel }) {
  const top = Math.max(...model.importances.map(({ importance }) => importance), 1e-9);
  return (
    <Stack gap="xs">
      {model.importances.slice(0, 12).map(({ feature, label, importance }) => (
        <Stack key={feature} gap={2}>
          <Text size="sm">
            {label} · {text.share(importance)}
          </Text>
          <Progress value={(importance / top) * 100} size="sm" aria-label={`${label}: ${text.share(importance)}`} />
        </Stack>
      ))}
    </Stack>
  );
}

function Learners({ model }: { readonly model: OutcomeModel }) {
  return (
    <WideTable label={text.learnersTable} minWidth={260}>
      <Table.Thead>
        <Table.Tr>
          {[text.learners, text.weight, text.error].map((head) => (
            <Table.Th key={head}>{head}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {model.learners.map(({ name, weight, mae }) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td className="figures">{text.share(weight)}</Table.Td>
            <Table.Td className="figures">{text.short(mae)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Drift({ drift }: { readonly drift: OutcomeModel['drift'] }) {
  const drifted = drift.features.filter((feature) => feature.has_drifted).map(({ label }) => label);
  return (
    <Text size="sm">{drifted.length === 0 ? text.noDrift(drift.projects) : text.drifted(drifted.join(', '))}</Text>
  );
}
