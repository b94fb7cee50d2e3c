import { refusalIn } from '@maestro/sdk/problem';

/**
 * Saves a file of `/api/v1` under a name. The browser's own downloads say no tenant, so it is fetched by the page first;
 * where the browser can write into a file as it comes, nothing of it is held in memory.
 */
export async function saveFile(tenant: string, path: string, name: string): Promise<void> {
  const target = await chooseTarget(name);
  if (target === 'cancelled') return;
  const response = await fetch(`/api/v1${path}`, { headers: { 'x-mlflow-workspace': tenant } });
  if (!response.ok) throw await refusalIn(response);
  if (target !== undefined && response.body) {
    await response.body.pipeTo(target);
    return;
  }
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
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
