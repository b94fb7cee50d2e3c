/** Gives somebody a file that this page holds. */
export function saveBlob(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  // Without what a file's name cannot hold on some system.
  link.download = name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, '_');
  link.click();
  // The browser has begun to read by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const saveText = (name: string, content: string): void =>
  saveBlob(name, new Blob([content], { type: 'text/plain' }));
