import { artifacts } from './artifacts.ts';
import { batch } from './batch.ts';
import type { Area } from './case.ts';
import { errors } from './errors.ts';
import { experiments } from './experiments.ts';
import { metricHistory } from './history.ts';
import { inputsOutputs } from './inputs_outputs.ts';
import { loggedModels } from './logged_models.ts';
import { metrics } from './metrics.ts';
import { paramsTags } from './params_tags.ts';
import { runs } from './runs.ts';
import { searchExperiments } from './search_experiments.ts';
import { searchRuns } from './search_runs.ts';
import { workspaces } from './workspaces.ts';

/** Every area, in the order of a report. No area relies on what another has made. */
export const areas: Area[] = [
  experiments,
  runs,
  metrics,
  paramsTags,
  batch,
  searchRuns,
  searchExperiments,
  metricHistory,
  inputsOutputs,
  loggedModels,
  artifacts,
  errors,
  workspaces,
];
