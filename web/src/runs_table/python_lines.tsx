import { Code, Group } from '@mantine/core';
import { useTenant } from '../api/hooks.ts';
import { CopyIcon } from '../app/copy_icon.tsx';
import classes from './runs_table.module.css';
import { text } from './text.ts';

/** What logs a first run, for this tenant's server; the key is the reader's own to put in. */
export function PythonLines({ experiment }: { readonly experiment: string }) {
  const tenant = useTenant();
  const code = [
    `# export MLFLOW_TRACKING_URI=${location.origin}`,
    `# export MLFLOW_WORKSPACE=${tenant}`,
    '# export MLFLOW_TRACKING_TOKEN=mst_…',
    'import mlflow',
    `mlflow.set_experiment(${JSON.stringify(experiment)})`,
    'mlflow.log_metric("loss", 0.3)',
  ].join('\n');
  return (
    <Group gap={4} align="flex-start" wrap="nowrap" justify="center">
      <Code block className={classes.code} tabIndex={0}>
        {code}
      </Code>
      <CopyIcon value={code} what={text.pythonLines} />
    </Group>
  );
}
