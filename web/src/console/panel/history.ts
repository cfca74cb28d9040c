import { api } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { fieldName } from '../conflicts/fields';
import { spoken } from '../conflicts/values';
import { may } from '../data/calls';
import type { Row } from '../data/shapes';
import { rows } from './facts';
import type { Entry } from './timeline';

export type Change = Row<'HistoryEntry'>;

const DEEDS = { 'job.created': 'Job made', 'job.updated': 'Job changed', 'job.deleted': 'Job deleted', 'visit.updated': 'Visit changed', 'visit.deleted': 'Visit deleted' } as const;
const deed = dictionary(DEEDS, { 'job.created': '工单已创建', 'job.updated': '工单已修改', 'job.deleted': '工单已删除', 'visit.updated': '上门已修改', 'visit.deleted': '上门已删除' });
const TOLD_OTHERWISE = new Set(['abort_asked_at', 'abort_reason']);
const TOGETHER_MS = 2_000;

/** Who changed what of a job; nothing for whoever may not read it. */
export async function changesOf(job_id: string): Promise<Change[]> {
  return may('audit.read') ? rows<Change>(api.GET('/api/v1/jobs/{job_id}/changes', { params: { path: { job_id } } })) : [];
}

/** The names of those who did something, by the id of their sign-in. */
export const authors = (changes: readonly Change[]): Map<string, string> =>
  new Map(changes.flatMap(({ user_id, name }) => (user_id && name ? [[user_id, name] as const] : [])));

/** What was edited: the entries that no other list of the job tells. */
export function edits(changes: readonly Change[]): Entry[] {
  return changes.flatMap(({ id, at, action, name, fields }) => {
    const shown = (fields ?? []).filter((one) => !TOLD_OTHERWISE.has(one.name!));
    if (!(action! in DEEDS) || (action!.endsWith('.updated') && !shown.length)) return [];
    return [{ id: `change-${id}`, at: at!, words: deed(action as keyof typeof DEEDS), by: name, detail: shown.map(inWords).join('\n') }];
  });
}

const inWords = ({ name, before, after }: { name?: string; before?: unknown; after?: unknown }): string =>
  `${fieldName(name!)}: ${spoken(before, name)} → ${spoken(after, name)}`;

/** Whether a change of a plan is told already, field by field, by an edit of the same visit at the same time. */
export const isEdited = (changes: readonly Change[], visit_id: string, at: string): boolean =>
  changes.some((one) => one.action === 'visit.updated' && one.subject_id === visit_id && Math.abs(Date.parse(one.at!) - Date.parse(at)) < TOGETHER_MS);
