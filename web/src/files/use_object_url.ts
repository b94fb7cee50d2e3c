import { useEffect, useState } from 'react';

/** An address of the page's own for a content, gone when nobody shows it any more. */
export function useObjectUrl(content: Blob | undefined, type?: string): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!content) return setUrl(undefined);
    const made = URL.createObjectURL(type === undefined ? content : new Blob([content], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [content, type]);
  return url;
}
