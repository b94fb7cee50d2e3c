import { addReport } from '../sources/ci_operations.ts';
import * as operations from '../sources/operations.ts';
import * as webhooks from '../sources/webhook_operations.ts';
import { type NativeRoute, route } from './route.ts';

/** Where what is known of a project's code and builds comes from. */
export const sourceRoutes: NativeRoute[] = [
  route('POST', '/projects/:project_id/code/commits', operations.addCommits, 'Record commits of a repository'),
  route('GET', '/projects/:project_id/code/syncs', operations.getSyncs, 'How far each repository’s history was read'),
  route('PUT', '/projects/:project_id/code/left-out', operations.setLeftOut, 'Leave people out, or let them in again'),
  route('POST', '/projects/:project_id/ci/reports', addReport, 'Record the tests of a build'),
  route('POST', '/projects/:project_id/webhooks', webhooks.createWebhook, 'Make a webhook for GitHub or GitLab', {
    status: 201,
    errors: ['invalid_state'],
  }),
  route('GET', '/projects/:project_id/webhooks', webhooks.getWebhooks, 'List the webhooks of a project'),
  route(
    'POST',
    '/projects/:project_id/webhooks/:webhook_id/rotate',
    webhooks.rotateWebhook,
    'Give a webhook a new secret',
    {
      status: 201,
    },
  ),
  route('DELETE', '/projects/:project_id/webhooks/:webhook_id', webhooks.deleteWebhook, 'Delete a webhook', {
    status: 204,
  }),
  route('GET', '/webhooks', webhooks.getAllWebhooks, 'List the webhooks of all projects'),
  route('POST', '/hooks/:tenant/:hook_id', webhooks.receiveDelivery, 'Take a delivery of GitHub or GitLab', {
    upload: true,
    errors: ['too_large', 'request_timeout'],
  }),
];
