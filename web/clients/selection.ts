import type { ClientFilterInput } from '../generated/graphql.js';

/** Clients that one job takes by their ids, at the most. */
export const MOST_IDS = 10_000;

/** Who is chosen: some by hand, or everybody whom the filter means. */
export type Selection = { kind: 'some'; ids: ReadonlySet<string> } | { kind: 'filter' };

export const NOBODY: Selection = { kind: 'some', ids: new Set() };

export function isChosen(selection: Selection, id: string): boolean {
  return selection.kind === 'filter' || selection.ids.has(id);
}

/** Ticks some or takes their ticks away. Who takes one out of everybody begins with nobody: a job can't leave some out. */
export function tick(selection: Selection, ids: readonly string[], chosen: boolean): Selection {
  const kept = new Set(selection.kind === 'some' ? selection.ids : []);
  for (const id of ids) {
    if (chosen && kept.size < MOST_IDS) kept.add(id);
    else kept.delete(id);
  }
  return { kind: 'some', ids: kept };
}

/** Whom a job is to change, as the API takes it. */
export function target(
  selection: Selection,
  filter: ClientFilterInput,
): { filter: ClientFilterInput } | { ids: string[] } {
  return selection.kind === 'filter' ? { filter } : { ids: [...selection.ids] };
}

/** How many are chosen; null: not counted yet. */
export function howMany(selection: Selection, total: number | null): number | null {
  return selection.kind === 'filter' ? total : selection.ids.size;
}
