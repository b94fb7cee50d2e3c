import { useEffect, useRef } from 'react';
import classes from './files.module.css';

interface Props {
  readonly html: string;
  readonly label: string;
  readonly runsScripts: boolean;
  readonly isOutput?: boolean;
}

/**
 * HTML of somebody in a frame of no origin. The frame's page comes from the server with a policy of its own
 * (server/src/web/frame.ts), stricter without scripts than with them, and is told what to show.
 */
function Frame({ html, label, runsScripts, isOutput = false }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const show = () => element.contentWindow?.postMessage({ html }, '*');
    const onReady = ({ source, data }: MessageEvent) => {
      if (source === element.contentWindow && data === 'ready') show();
    };
    window.addEventListener('message', onReady);
    show();
    return () => window.removeEventListener('message', onReady);
  }, [html]);
  return (
    <iframe
      ref={frame}
      title={label}
      className={`${classes.frame} ${isOutput ? classes.output : ''}`}
      sandbox="allow-scripts"
      src={runsScripts ? '/frame/scripts' : '/frame'}
      referrerPolicy="no-referrer"
    />
  );
}

/** A frame that has run scripts is never the one that is shown without. */
export const SandboxFrame = (props: Props) => <Frame key={String(props.runsScripts)} {...props} />;
