import { MaestroError } from '@maestro/sdk/problem';
import { signedInAgain } from '../sign_in/session.ts';

interface Sending {
  readonly tenant: string;
  readonly runId: string;
  readonly path: string;
  readonly file: File;
  readonly signal: AbortSignal;
  /** How much has gone, from 0 to 1. */
  readonly onProgress: (part: number) => void;
}

function refusalOf(request: XMLHttpRequest): MaestroError {
  let said: object = {};
  try {
    said = JSON.parse(request.responseText) as object;
  } catch {
    // A proxy's page, or nothing.
  }
  const { status, statusText: title } = request;
  const detail = `answered with status ${status}`;
  return new MaestroError({ type: 'about:blank', title, status, detail, request_id: '', ...said });
}

/** By XMLHttpRequest, the one way by which a browser tells how much of a body has gone. */
function sendOnce({ tenant, runId, path, file, signal, onProgress }: Sending): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `/api/v1/runs/${runId}/files/content?${new URLSearchParams({ path })}`);
    request.setRequestHeader('x-mlflow-workspace', tenant);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onload = () => resolve(request);
    request.onerror = () => reject(new TypeError('network'));
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Uploads a file of the reader's into a run. A session that ended is opened anew, and the file sent again. */
export async function sendFile(sending: Sending): Promise<void> {
  for (;;) {
    const request = await sendOnce(sending);
    if (request.status < 300) return;
    if (request.status !== 401) throw refusalOf(request);
    await signedInAgain();
  }
}
