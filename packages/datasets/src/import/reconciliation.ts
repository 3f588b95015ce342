/** One file: what was read of it and what became of it. Amounts are in minor units. */
export interface FileFigures {
  readonly file: string;
  readonly read: number;
  /** Rows that are in the databases now and were not before; null where rows of this file have no table. */
  readonly added: number | null;
  /** Rows that were there before, and were left as they are. */
  readonly unchanged: number | null;
  readonly rejected: number;
  /** Null where the file has no amounts. */
  readonly readMinor: bigint | null;
  readonly rejectedMinor: bigint;
}

/** One thing that a service keeps: what the files say of it, and what stands in its tables. */
export interface ServiceFigures {
  readonly service: string;
  readonly what: string;
  readonly expected: number;
  readonly standing: number;
  readonly expectedMinor: bigint;
  readonly standingMinor: bigint;
  /** Rows that were changed here since they were loaded. */
  readonly changedSince: number;
  /** Some rows whose content is not the files', and was not changed here either. */
  readonly differing: readonly string[];
}

export interface Reconciliation {
  readonly files: readonly FileFigures[];
  readonly services: readonly ServiceFigures[];
  readonly agrees: boolean;
}

/** Whether both sides of one comparison are the same. */
export function agrees(figures: ServiceFigures): boolean {
  return (
    figures.expected === figures.standing &&
    figures.expectedMinor === figures.standingMinor &&
    figures.differing.length === 0
  );
}

/** Puts both sides together. Every row that was read must be accounted for as well. */
export function reconcile(
  files: readonly FileFigures[],
  services: readonly ServiceFigures[],
): Reconciliation {
  const accounted = files.every(
    ({ read, added, unchanged, rejected }) =>
      added === null || unchanged === null || (unchanged >= 0 && read === added + unchanged + rejected),
  );
  return { files, services, agrees: accounted && services.every(agrees) };
}
