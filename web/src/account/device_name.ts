const browsers = [
  ['Edge', /Edg\/(\d+)/],
  ['Opera', /OPR\/(\d+)/],
  ['Firefox', /Firefox\/(\d+)/],
  ['Chrome', /Chrome\/(\d+)/],
  ['Safari', /Version\/(\d+).* Safari\//],
] as const;

const systems = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
] as const;

/** A browser by its name, its version and its system, of which it says much more; what others call themselves as it is. */
export function deviceName(agent: string): string {
  for (const [browser, sign] of browsers) {
    const version = sign.exec(agent)?.[1];
    if (version === undefined) continue;
    const [system] = systems.find(([, mark]) => mark.test(agent)) ?? [];
    return `${browser} ${version}${system === undefined ? '' : ` on ${system}`}`;
  }
  return agent;
}
