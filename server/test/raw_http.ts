import { connect } from 'node:net';

/** Sends bytes as they are, and gives what comes back until the other side closes or `quietMs` pass without a byte. */
export function rawHttp(url: string, parts: string | readonly string[], quietMs = 2000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname);
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(quietMs, end);
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', end);
    socket.on('error', end);
    for (const part of [parts].flat()) socket.write(part);
  });
}

/** The status of a raw answer; undefined where there is none. */
export const statusOf = (answer: string): number | undefined => {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(answer) ?? [];
  return status === undefined ? undefined : Number(status);
};

/**
 * Sends `head`, then `drop` up to `times` times, one each 50 ms; gives what comes back until the other side closes.
 */
export function dribble(url: string, head: string, drop: string, times: number): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    let left = times;
    const socket = connect(Number(port), hostname);
    const tap = setInterval(() => {
      if (left-- > 0 && socket.writable) socket.write(drop);
      else clearInterval(tap);
    }, 50);
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(tap);
      resolve(answer);
    });
    socket.write(head);
  });
}
