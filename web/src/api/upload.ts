import { MaestroError } from '@maestro/sdk/problem';
import { ownHeaders, signedInAgain } from '../sign_in/session.ts';
import { NoAnswer } from './no_answer.ts';
import { text as words } from './text.ts';

interface Upload {
  readonly tenant: string;
  /** Below `/api/v1`, with its query. */
  readonly path: string;
  readonly file: Blob;
  /** Told the share that is sent, 0 to 1. */
  readonly onProgress: (share: number) => void;
  /** PUT unless said otherwise. */
  readonly method?: 'PUT' | 'POST';
  readonly signal?: AbortSignal;
}

/** Sends a file as the body of a call: the JSON that it answers. By XMLHttpRequest: fetch() does not tell how far it has come. */
export async function upload<Answer>(wanted: Upload): Promise<Answer> {
  for (;;) {
    const { status, responseText } = await sendOnce(wanted);
    if (status >= 200 && status < 300) {
      return (responseText === '' ? undefined : JSON.parse(responseText)) as Answer;
    }
    const isAskedAgain = status === 401 && (await signedInAgain('sign-in'));
    if (!isAskedAgain) throw refusalOf(status, responseText);
  }
}

function sendOnce({ tenant, path, file, onProgress, signal, method = 'PUT' }: Upload): Promise<XMLHttpRequest> {
  const { promise, resolve, reject } = Promise.withResolvers<XMLHttpRequest>();
  const request = new XMLHttpRequest();
  request.open(method, `/api/v1${path}`);
  request.setRequestHeader('content-type', 'application/octet-stream');
  const headers = { 'x-mlflow-workspace': tenant, ...ownHeaders() };
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
  request.onload = () => resolve(request);
  request.onerror = () => reject(new NoAnswer());
  request.onabort = () => reject(new DOMException(words.cancelled, 'AbortError'));
  signal?.addEventListener('abort', () => request.abort());
  request.send(file);
  return promise;
}

function refusalOf(status: number, text: string): MaestroError {
  const unknown = { type: 'about:blank', title: '', status, detail: `answered with status ${status}`, request_id: '' };
  try {
    return new MaestroError({ ...unknown, ...JSON.parse(text) });
  } catch {
    return new MaestroError(unknown);
  }
}
