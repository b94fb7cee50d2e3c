import { randomUUID } from 'node:crypto';
import type { TestApp } from './app.ts';

/** What a route's path, query or body may name. */
export type Thing =
  | 'experiment'
  | 'deletedExperiment'
  | 'run'
  | 'deletedRun'
  | 'model'
  | 'view'
  | 'deletedModel'
  | 'runSet'
  | 'filePath'
  | 'upload'
  | 'tenant'
  | 'user'
  | 'member'
  | 'accountKey'
  | 'serviceAccount'
  | 'ownKey'
  | 'role'
  | 'grant'
  | 'email'
  | 'refreshToken'
  | 'invitation'
  | 'project'
  | 'artifact'
  | 'webhook'
  | 'teamMember'
  | 'incident'
  | 'prediction';

/** Gives the id of a thing: makes it the first time it is asked for. */
export interface World {
  the(thing: Thing): Promise<string>;
  /** The ids given out so far. */
  readonly given: ReadonlyMap<Thing, string>;
}

function world(make: (thing: Thing, own: World) => string | Promise<string>): World {
  const given = new Map<Thing, string>();
  const own: World = {
    given,
    async the(thing) {
      const known = given.get(thing);
      if (known !== undefined) return known;
      const made = await make(thing, own);
      given.set(thing, made);
      return made;
    },
  };
  return own;
}

const hex = (): string => randomUUID().replaceAll('-', '');

/** Ids in the right form of things that no tenant has. */
export const ghostWorld = (): World =>
  world((thing) => {
    switch (thing) {
      case 'experiment':
      case 'deletedExperiment':
        return String(900_000 + Math.floor(Math.random() * 99_999));
      case 'run':
      case 'deletedRun':
      case 'runSet':
      case 'upload':
        return hex();
      case 'model':
      case 'deletedModel':
        return `m-${hex()}`;
      case 'filePath':
        return `0/${hex()}/artifacts/data.txt`;
      case 'email':
        return `${hex()}@example.org`;
      case 'tenant':
        return `ghost-${hex()}`;
      case 'role':
        return `r${hex()}`;
      default:
        return randomUUID();
    }
  });

export const fileText = 'the content of a file';

/** Who acts for a tenant where a service account's key does not do: users' sessions. */
export interface Actors {
  readonly adminKey: string;
  readonly session: string;
}

/** Things of one tenant, made through the API as they are asked for. */
export function worldOf(app: TestApp, { adminKey, session }: Actors): World {
  const call = async <Body>(as: string, method: string, path: string, json?: unknown): Promise<Body> => {
    const answer = await app.send(method, path, { as, ...(json === undefined ? {} : { json }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body as Body;
  };
  const native = <Body>(method: string, path: string, json?: unknown) =>
    call<Body>(adminKey, method, `/api/v1${path}`, json);
  return world(async (thing, own) => {
    switch (thing) {
      case 'experiment': {
        const made = await native<{ experiment_id: number }>('POST', '/experiments', {
          name: `e-${hex()}`,
          tags: [{ key: 'k', value: 'v' }],
        });
        return String(made.experiment_id);
      }
      case 'deletedExperiment': {
        const { experiment_id: id } = await native<{ experiment_id: number }>('POST', '/experiments', {
          name: `e-${hex()}`,
        });
        await native('DELETE', `/experiments/${id}`);
        return String(id);
      }
      case 'run': {
        const experiment_id = Number(await own.the('experiment'));
        const { run_id: id } = await native<{ run_id: string }>('POST', '/runs', { experiment_id, name: 'r' });
        await native('POST', `/runs/${id}/log`, {
          metrics: [{ key: 'm', value: 1, timestamp: 1 }],
          params: [{ key: 'p', value: '1' }],
          tags: [{ key: 'k', value: 'v' }],
        });
        return id;
      }
      case 'deletedRun': {
        const { run_id: id } = await native<{ run_id: string }>('POST', '/runs', { experiment_id: 0 });
        await native('DELETE', `/runs/${id}`);
        return id;
      }
      case 'model': {
        const made = await call<{ model: { info: { model_id: string } } }>(
          adminKey,
          'POST',
          '/api/2.0/mlflow/logged-models',
          { experiment_id: await own.the('experiment'), name: 'model', tags: [{ key: 'k', value: 'v' }] },
        );
        return made.model.info.model_id;
      }
      case 'view': {
        const made = await native<{ view_id: string }>('POST', '/views', {
          experiment_id: Number(await own.the('experiment')),
          name: 'v',
          path: 'experiments/1',
          query: '',
          is_shared: true,
        });
        return made.view_id;
      }
      case 'deletedModel': {
        const json = { experiment_id: await own.the('experiment'), name: 'gone' };
        const path = '/api/2.0/mlflow/logged-models';
        const made = await call<{ model: { info: { model_id: string } } }>(adminKey, 'POST', path, json);
        const { model_id: id } = made.model.info;
        await native('DELETE', `/logged-models/${id}`);
        return id;
      }
      case 'runSet':
        return (await native<{ set_id: string }>('POST', '/run-sets', { run_ids: [await own.the('run')] })).set_id;
      case 'filePath': {
        const path = `${await own.the('experiment')}/${await own.the('run')}/artifacts/data.txt`;
        const put = await app.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/${path}`, {
          as: adminKey,
          body: fileText,
        });
        if (put.status !== 200) throw new Error(put.text);
        return path;
      }
      case 'upload': {
        const path = (await own.the('filePath')).replace('data.txt', '');
        const begun = await call<{ upload_id: string }>(
          adminKey,
          'POST',
          `/api/2.0/mlflow-artifacts/mpu/create/${path}`,
          {
            path: 'part.bin',
            num_parts: 1,
          },
        );
        return begun.upload_id;
      }
      case 'tenant': {
        const slug = `t-${hex()}`;
        await call(app.operatorKey, 'POST', '/api/v1/tenants', { slug, name: slug });
        return slug;
      }
      case 'email':
        return `${hex()}@example.org`;
      case 'user': {
        const email = await own.the('email');
        return (await call<{ id: string }>(app.operatorKey, 'POST', '/api/v1/users', { email })).id;
      }
      case 'member': {
        const user = await own.the('user');
        await native('POST', '/members', { email: await own.the('email'), role: 'viewer' });
        return user;
      }
      case 'invitation': {
        const invited = { email: `${hex()}@example.org`, role: 'viewer' };
        return (await native<{ id: string }>('POST', '/members/invite', invited)).id;
      }
      case 'accountKey':
        return (await native<{ id: string }>('POST', '/keys', { name: hex(), role: 'viewer' })).id;
      case 'serviceAccount':
        return (await native<{ id: string }>('POST', '/service-accounts', { name: hex(), role: 'viewer' })).id;
      case 'role':
        return (await native<{ name: string }>('POST', '/roles', { name: `r${hex()}`, permissions: ['run:read'] }))
          .name;
      case 'grant': {
        const subject = { kind: 'user', id: await own.the('member') };
        const resource = { kind: 'experiment', id: await own.the('experiment') };
        return (await native<{ id: string }>('POST', '/grants', { subject, resource, role: 'viewer' })).id;
      }
      case 'project':
        return (await native<{ project_id: string }>('POST', '/projects', { name: `p-${hex()}` })).project_id;
      case 'artifact': {
        const json = { name: `a-${hex()}`, type: 'schema', version: '1.0' };
        const { artifact_id: id } = await native<{ artifact_id: string }>('POST', '/artifacts', json);
        const path = `/api/v1/artifacts/${id}/versions/1.0/content`;
        const put = await app.send('PUT', path, { as: adminKey, body: fileText });
        if (put.status !== 200) throw new Error(put.text);
        return id;
      }
      case 'prediction': {
        const path = `/projects/${await own.the('project')}/predict`;
        return (await native<{ prediction_id: string }>('POST', path, {})).prediction_id;
      }
      case 'incident': {
        const path = `/teams/${await own.the('project')}/incidents/INC-${hex()}`;
        await native('PUT', path, { started_at: '2026-01-05T08:00:00Z' });
        return path.slice(path.lastIndexOf('/') + 1);
      }
      case 'teamMember': {
        const path = `/teams/${await own.the('project')}/members`;
        return (await native<{ member_id: string }>('POST', path, { name: 'Ada', role: 'lead' })).member_id;
      }
      case 'webhook': {
        const path = `/projects/${await own.the('project')}/webhooks`;
        return (await native<{ webhook_id: string }>('POST', path, { kind: 'github' })).webhook_id;
      }
      case 'ownKey':
        return (await call<{ id: string }>(session, 'POST', '/api/v1/me/keys', { name: 'own' })).id;
      case 'refreshToken': {
        const { email, password } = app.admin;
        const signedIn = await call<{ refresh_token: string }>('', 'POST', '/api/v1/auth/login', { email, password });
        return signedIn.refresh_token;
      }
    }
  });
}
