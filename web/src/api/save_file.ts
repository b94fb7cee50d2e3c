import { refusalIn } from '@maestro/sdk/problem';
import { saveBlob } from '../app/save.ts';
import { answerOf } from './no_answer.ts';

/**
 * Saves a file of `/api/v1` under a name, and rejects with what the server refused it for, which nobody learns of a link
 * that the browser follows by itself. Where it can write into a file as it comes, nothing of it is held in memory.
 */
export async function saveFile(tenant: string, path: string, name: string): Promise<void> {
  const target = await chooseTarget(name);
  if (target === 'cancelled') return;
  const response = await contentOf(tenant, path).catch(async (error) => {
    await target?.abort();
    throw error;
  });
  if (target !== undefined && response.body) {
    await response.body.pipeTo(target);
    return;
  }
  saveBlob(name, await response.blob());
}

async function contentOf(tenant: string, path: string): Promise<Response> {
  const response = await answerOf(fetch(`/api/v1${path}`, { headers: { 'x-mlflow-workspace': tenant } }));
  if (!response.ok) throw await refusalIn(response);
  return response;
}

interface SavePicker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<{
    createWritable(): Promise<WritableStream<Uint8Array>>;
  }>;
}

/** A file that its reader chose, where the browser offers that (File System Access, WICG). */
async function chooseTarget(name: string): Promise<WritableStream<Uint8Array> | 'cancelled' | undefined> {
  const { showSaveFilePicker } = window as SavePicker;
  if (!showSaveFilePicker) return undefined;
  try {
    return await (await showSaveFilePicker({ suggestedName: name })).createWritable();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return 'cancelled';
    return undefined;
  }
}
