import { basename, resolve } from 'node:path';
import type { CommandGroup, Context } from './context.ts';
import { Failure } from './failure.ts';
import { type Commit, commitsOf, git, gitOrNothing, type NamedPerson, peopleOf } from './git_log.ts';
import { addWebhooks } from './git_webhook.ts';
import { gather, inOwnTenant } from './options.ts';
import { ownPlaceIn, type Place } from './place.ts';
import { openProgress } from './progress.ts';
import { projectIdOf } from './project_named.ts';

interface Options {
  tenant?: string;
  project: string;
  repository?: string;
  revision: string;
  leaveOut?: string[];
  json?: true;
}

/** `github.com/owner/name` of the address of a remote, without what signs in there. Undefined for a path. */
export function repositoryOf(remote: string): string | undefined {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(remote);
  const url = scp ? `ssh://${scp[1]}/${scp[2]}` : remote;
  if (!/^(?:https?|ssh|git):\/\//.test(url) || !URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  const path = pathname.replace(/\.git\/?$/, '').replace(/^\/+|\/+$/g, '');
  return path === '' ? undefined : `${hostname}/${path}`;
}

async function nameOf(path: string): Promise<string> {
  const remote = await gitOrNothing(path, 'remote', 'get-url', 'origin');
  return (remote && repositoryOf(remote)) || basename(resolve(path)).replace(/\.git$/, '');
}

/** What one request may hold: the server takes 5,000 commits and 16 MB. */
const batchMax = { commits: 5000, characters: 4_000_000 };

/** As many as one request may name. */
const addressesMax = 1000;

/** People in as many lists as the server takes addresses at once. */
function* packed(people: readonly NamedPerson[]): Generator<NamedPerson[]> {
  let pack: NamedPerson[] = [];
  let addresses = 0;
  for (const person of people) {
    if (addresses + person.addresses.length > addressesMax) {
      yield pack;
      pack = [];
      addresses = 0;
    }
    pack.push(person);
    addresses += person.addresses.length;
  }
  if (pack.length > 0) yield pack;
}

const sizeOf = ({ changes }: Commit): number =>
  1000 + changes.reduce((sum, [, from, to = '']) => sum + from.length + to.length + 20, 0);

async function* batchesOf(commits: AsyncIterable<Commit>): AsyncGenerator<Commit[]> {
  let batch: Commit[] = [];
  let size = 0;
  for await (const commit of commits) {
    const own = sizeOf(commit);
    if (batch.length > 0 && (batch.length === batchMax.commits || size + own > batchMax.characters)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(commit);
    size += own;
  }
  if (batch.length > 0) yield batch;
}

/** Where an earlier sync came to, if this clone has that commit. */
async function lastKnown(place: Place, path: string, project: string, repository: string): Promise<string | undefined> {
  const query = new URLSearchParams({ repository });
  const { items } = await place.call<{ items: { last_sha: string }[] }>(
    'GET',
    `/projects/${project}/code/syncs?${query}`,
  );
  const sha = items[0]?.last_sha;
  if (sha === undefined || (await gitOrNothing(path, 'cat-file', '-e', `${sha}^{commit}`)) === undefined)
    return undefined;
  return sha;
}

/** Sends what `revisions` name. One batch is on its way while git is read for the next. */
async function send(
  context: Context,
  place: Place,
  path: string,
  revisions: readonly string[],
  { project, repository }: { project: string; repository: string },
): Promise<{ read: number; recorded: number }> {
  const total = context.terminal ? Number(await git(path, 'rev-list', '--count', ...revisions)) : undefined;
  const progress = openProgress(context, { label: repository, total, unit: 'commits' });
  const sum = { read: 0, recorded: 0 };
  let underWay: Promise<void> = Promise.resolve();
  const sendOne = async (commits: Commit[], before: Promise<void>): Promise<void> => {
    await before;
    const body = { repository, commits, last_sha: (commits.at(-1) as Commit).sha };
    const { recorded } = await place.call<{ recorded: number }>('POST', `/projects/${project}/code/commits`, body);
    sum.read += commits.length;
    sum.recorded += recorded;
    progress.add(commits.length);
  };
  try {
    for await (const commits of batchesOf(commitsOf(path, revisions))) {
      await underWay;
      underWay = sendOne(commits, underWay);
      // Awaited before the next one: until then its failure is nobody's.
      underWay.catch(() => undefined);
    }
    await underWay;
  } finally {
    progress.done();
  }
  return sum;
}

export const gitCommands: CommandGroup = (program, context) => {
  const { output, api } = context;
  const group = program.command('git').description('the history of a project’s code');

  group
    .command('sync')
    .description(
      'read the history of a local clone into a project; again: only what is new, also after a broken-off one',
    )
    .argument('[path]', 'the clone', '.')
    .requiredOption('--project <project>', 'the project it is the code of: its name or id')
    .option(...inOwnTenant)
    .option('--repository <name>', 'its name, such as github.com/owner/name; by its remote origin unless given')
    .option('--revision <revision>', 'the branch or commit whose history is read', 'HEAD')
    .option(
      '--leave-out <email>',
      'leave somebody out of every measure, for good; repeat, or separate by commas',
      gather,
    )
    .option('--json', 'print {"repository", "read", "recorded", "last_sha"}')
    .action(async (path: string, options: Options) => {
      const place = ownPlaceIn(await api(), options.tenant);
      const project = await projectIdOf(place, options.project);
      if ((await git(path, 'rev-parse', '--is-shallow-repository')) === 'true') {
        throw new Failure("This clone is shallow: run 'git fetch --unshallow' in it first.");
      }
      const tip = await gitOrNothing(path, 'rev-parse', '--verify', '--end-of-options', `${options.revision}^{commit}`);
      if (tip === undefined) throw new Failure(`The repository has no commit '${options.revision}'.`);
      const repository = options.repository ?? (await nameOf(path));
      if (options.leaveOut) await place.call('PUT', `/projects/${project}/code/left-out`, { emails: options.leaveOut });
      const last = await lastKnown(place, path, project, repository);
      const revisions = last === undefined ? [tip] : [tip, `^${last}`];
      const { read, recorded } = await send(context, place, path, revisions, { project, repository });
      // After the commits: whoever is named has some then.
      const people = await peopleOf(path, tip);
      for (const pack of packed(people)) {
        const body = { repository, commits: [], people: pack };
        await place.call('POST', `/projects/${project}/code/commits`, body);
      }
      if (options.json) return output.json({ repository, read, recorded, last_sha: tip });
      output.line(
        read === 0
          ? `Nothing new in ${repository}.`
          : `Recorded ${recorded} commits of ${repository}${recorded === read ? '' : `; ${read - recorded} were known`}.`,
      );
    });

  addWebhooks(group, context);
};
