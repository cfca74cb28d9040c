import table from '@server/work/transitions.json';

/** The guarded table of a visit's steps: the server's own file, so that both run the same definition. */
export interface Step {
  from: string;
  to: string;
  event: string;
  who: readonly string[];
  offline: boolean;
  reason: boolean;
  guards: readonly string[];
}

export const STEPS: readonly Step[] = table.steps;
const PASSING: Record<string, string> = table.passing;

/** The step from one state to another; undefined when the pair is illegal or only the server itself takes it. */
export function step(from: string, to: string): Step | undefined {
  return STEPS.find((each) => each.from === from && each.to === to && each.who.length > 0);
}

/** What the people at the site may do offline with a visit that is in `from`, in the table's order. */
export function steps(from: string, who: 'engineer' | 'customer' = 'engineer'): Step[] {
  return STEPS.filter((each) => each.from === from && each.offline && each.who.includes(who));
}

/** Where a visit comes to rest that is taken to `to`: some states lead on at once. */
export function passing(to: string): string {
  return PASSING[to] ?? to;
}

/** A step that the table does not have, or not offline for these people. `allowed` is what there is instead. */
export class IllegalStep extends Error {
  override name = 'IllegalStep';

  constructor(
    readonly from: string,
    readonly to: string,
    readonly allowed: string[],
  ) {
    super(`A visit that is ${from} cannot become ${to}.`);
  }
}

/** The legal step, for the engineer or the customer at the device. Raises IllegalStep. */
export function demandStep(from: string, to: string): Step {
  const here = [...steps(from, 'engineer'), ...steps(from, 'customer')];
  const found = here.find((each) => each.to === to);
  if (!found) throw new IllegalStep(from, to, [...new Set(here.map((each) => each.to))]);
  return found;
}
