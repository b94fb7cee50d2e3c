import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** Shows what the page around it sends, in a frame of its own; `sandbox` is of that one. */
const scriptOf = (sandbox: string): string => `
addEventListener('message', ({ source, data }) => {
  if (source !== parent || typeof data?.html !== 'string') return;
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', '${sandbox}');
  frame.title = document.title;
  frame.srcdoc = data.html;
  document.body.replaceChildren(frame);
});
parent.postMessage('ready', '*');
`;

const pageOf = (script: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A file, apart from Maestro</title>
<style>html, body, iframe { width: 100%; height: 100%; margin: 0; border: 0; overflow: hidden }</style>
<body><script>${script}</script></body>
</html>
`;

const still = scriptOf('');
const running = scriptOf('allow-scripts');

/**
 * Neither page has an origin, and neither reaches the network: what they show came with them. The frame within inherits
 * the policy. Where scripts are wanted, any of the file's may run; where not, ours alone may.
 */
const policyOf = (scripts: string): string =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'media-src data: blob:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-scripts',
  ].join('; ');

const pages = [
  { path: '/frame', script: still, scripts: `'sha256-${createHash('sha256').update(still).digest('base64')}'` },
  { path: '/frame/scripts', script: running, scripts: "'unsafe-inline' 'unsafe-eval' blob:" },
];

/** The pages in which HTML that somebody logged is shown: they hold nothing of anybody. */
export function mountFrames(app: FastifyInstance): void {
  const config = { unguarded: 'a page without content of anybody; what it shows, the page around it sends' };
  for (const { path, script, scripts } of pages) {
    app.get(path, { config }, (_request, reply) =>
      reply
        // A page without an origin is in no cluster of ours, and browsers warn of the wish.
        .removeHeader('origin-agent-cluster')
        .type('text/html; charset=utf-8')
        .headers({
          'content-security-policy': policyOf(scripts),
          'cache-control': 'no-store',
          'x-frame-options': 'SAMEORIGIN',
          // A page of no origin is another site to whoever asks for it by this header.
          'cross-origin-resource-policy': 'same-origin',
        })
        .send(pageOf(script)),
    );
  }
}
