/** A package of package-lock.json, as far as it is looked at here. */
interface LockedPackage {
  readonly license?: string;
  readonly link?: true;
  readonly dev?: true;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** SPDX identifiers, each with why it is good. */
const good: Readonly<Record<string, string>> = {
  MIT: 'permissive',
  'Apache-2.0': 'our own',
  'BSD-2-Clause': 'permissive',
  'BSD-3-Clause': 'permissive',
  ISC: 'permissive',
  '0BSD': 'BSD without a condition',
  'MIT-0': 'MIT without a condition',
  'BlueOak-1.0.0': 'permissive, of the Blue Oak Council, with a grant of patents',
};

/** Packages with another licence, each with why it may be here. `dev`: only where nothing that we give away holds it. */
const excepted: readonly {
  readonly name: RegExp;
  readonly licence: string;
  readonly dev: boolean;
  readonly why: string;
}[] = [
  {
    name: /^lightningcss(?:-.+)?$/,
    licence: 'MPL-2.0',
    dev: true,
    why: 'a part of the test runner and of the build, unchanged; nothing of it is given away',
  },
  {
    name: /^(?:axe-core|@axe-core\/playwright)$/,
    licence: 'MPL-2.0',
    dev: true,
    why: 'looks for what people with disabilities cannot use, in tests; nothing of it is given away',
  },
  { name: /^isbot$/, licence: 'Unlicense', dev: false, why: 'public domain' },
];

/** Whether an SPDX expression can be met by licences that are good. */
export function isGood(expression: string): boolean {
  const inner = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (inner.includes(' OR ')) return inner.split(' OR ').some(isGood);
  if (inner.includes(' AND ')) return inner.split(' AND ').every(isGood);
  return Object.hasOwn(good, inner);
}

/** Every package of a lock whose licence is not known to be good, a sentence each. */
export function licenceFaults({ packages }: Lock): { packages: number; faults: string[] } {
  const marker = 'node_modules/';
  const nameOf = (place: string): string => place.slice(place.lastIndexOf(marker) + marker.length);
  // npm notes none for what other systems need; it is built of the source of the package that asks for it.
  const parents = new Map<string, LockedPackage>();
  for (const locked of Object.values(packages)) {
    for (const name of Object.keys(locked.optionalDependencies ?? {})) parents.set(name, locked);
  }
  const installed = Object.entries(packages).filter(([place, { link }]) => place.includes(marker) && !link);
  const faults = installed.flatMap(([place, locked]) => {
    const name = nameOf(place);
    const licence = locked.license ?? parents.get(name)?.license;
    if (licence === undefined) return [`${name} has no licence in package-lock.json.`];
    if (isGood(licence)) return [];
    const exception = excepted.find(
      (one) => one.name.test(name) && one.licence === licence && (locked.dev || !one.dev),
    );
    return exception ? [] : [`${name} has the licence ${licence}, which is not on the list of scripts/dependencies.`];
  });
  return { packages: installed.length, faults };
}
