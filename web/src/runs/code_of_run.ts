/** What a run's tags tell of its code (MLflow's names), in the order to show it. */
export const codeTags = {
  commit: 'mlflow.source.git.commit',
  branch: 'mlflow.source.git.branch',
  repository: 'mlflow.source.git.repoURL',
  entry: 'mlflow.source.name',
  sourceType: 'mlflow.source.type',
} as const;
export type CodeFact = keyof typeof codeTags;

/** An address of the web that a repository's address leads to; undefined for any other. Never a script. */
export function webOf(repository: string | undefined): string | undefined {
  if (repository === undefined) return undefined;
  const ssh = /^(?:ssh:\/\/)?git@([\w.-]+)[:/]([\w./~-]+?)(?:\.git)?$/.exec(repository);
  if (ssh) return `https://${ssh[1]}/${ssh[2]}`;
  return /^https:\/\/[\w.-]+(?::\d+)?\/[\w./~-]+$/.test(repository) ? repository.replace(/\.git$/, '') : undefined;
}
