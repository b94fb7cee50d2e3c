import { invalid, type MaestroError, notFound } from '../errors.ts';

/**
 * What is said of runs, experiments and models that a call cannot use, in the words of the genuine server. One place says it:
 * a thing of another tenant must be answered exactly as one that is not there.
 */
export const missingRun = (runId: string): MaestroError => notFound(`Run with id=${runId} not found`);

export const missingExperiment = (id: number | string): MaestroError => notFound(`No Experiment with id=${id} exists`);

export const missingExperimentNamed = (name: string): MaestroError =>
  notFound(`Could not find experiment with name '${name}'`);

export const missingModel = (id: string): MaestroError => notFound(`Logged model with ID '${id}' not found.`);

export const inactiveRun = (runId: string, stage: string): MaestroError =>
  invalid(`The run ${runId} must be in the 'active' state. Current state is ${stage}.`);

export const inactiveExperiment = (id: number, stage: string): MaestroError =>
  invalid(`The experiment ${id} must be in the 'active' state. Current state is ${stage}.`);
