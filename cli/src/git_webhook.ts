import { type Command, Option } from 'commander';
import { confirm } from './confirm.ts';
import type { Context } from './context.ts';
import { ofProject, yes } from './options.ts';
import { ownPlaceIn, type Place } from './place.ts';
import { projectIdOf } from './project_named.ts';

interface Webhook {
  webhook_id: string;
  kind: 'github' | 'gitlab';
  url: string;
  created_by: string;
  created_at: string;
}
interface NewSecret extends Webhook {
  secret: string;
}

interface Options {
  tenant?: string;
  project: string;
  json?: true;
}

/** What to set at the source, in the words of its settings. */
const settingsOf = ({ kind, url, secret }: NewSecret): (readonly [name: string, value: string])[] =>
  kind === 'github'
    ? [
        ['Payload URL', url],
        ['Content type', 'application/json'],
        ['Secret', secret],
      ]
    : [
        ['URL', url],
        ['Signing token', secret],
      ];

/** Adds where GitHub and GitLab report to, to the commands about a project's code. */
export function addWebhooks(git: Command, context: Context): void {
  const { output, api } = context;
  const group = git.command('webhook').description('where GitHub and GitLab tell of a project’s code');
  const hooksOf = async ({ tenant, project }: Options): Promise<{ place: Place; path: string }> => {
    const place = ownPlaceIn(await api(), tenant);
    return { place, path: `/projects/${await projectIdOf(place, project)}/webhooks` };
  };
  const showSecret = (hook: NewSecret, json: true | undefined, done: string): void => {
    if (json) {
      output.json(hook);
      return;
    }
    output.line(`${done} webhook ${hook.webhook_id}. Its secret is shown this once; at the source, set:`);
    output.fields(settingsOf(hook));
  };

  ofProject(group.command('create').description('make a webhook; its secret is shown this once'))
    .addOption(new Option('--kind <kind>', 'who reports').choices(['github', 'gitlab']).makeOptionMandatory())
    .option('--json', 'print the webhook with its "url" and "secret"')
    .action(async (options: Options & { kind: string }) => {
      const { place, path } = await hooksOf(options);
      showSecret(await place.call<NewSecret>('POST', path, { kind: options.kind }), options.json, 'Made');
    });

  ofProject(group.command('list').description('list the webhooks of a project, the oldest first'))
    .option('--json', 'print an array')
    .action(async (options: Options) => {
      const { place, path } = await hooksOf(options);
      const { items } = await place.call<{ items: Webhook[] }>('GET', path);
      if (options.json) return output.json(items);
      const rows = items.map((hook) => [hook.kind, hook.created_at, hook.webhook_id, hook.url]);
      output.table(['KIND', 'MADE', 'ID', 'URL'], rows, 'No webhooks.');
    });

  ofProject(group.command('rotate').description('make a new secret for a webhook; the old one is refused at once'))
    .argument('<id>')
    .option('--json', 'print the webhook with its "url" and "secret"')
    .action(async (id: string, options: Options) => {
      const { place, path } = await hooksOf(options);
      const hook = await place.call<NewSecret>('POST', `${path}/${encodeURIComponent(id)}/rotate`);
      showSecret(hook, options.json, 'Changed');
    });

  ofProject(group.command('delete').description('delete a webhook: what it told of stays'))
    .argument('<id>')
    .addOption(yes)
    .option('--json', 'print {"webhook_id"}')
    .action(async (id: string, options: Options & { yes?: true }) => {
      const { place, path } = await hooksOf(options);
      await confirm(context, options, `deletes webhook ${id}`, id);
      await place.call('DELETE', `${path}/${encodeURIComponent(id)}`);
      if (options.json) output.json({ webhook_id: id });
      else output.line(`Deleted webhook ${id}.`);
    });
}
