import { describe, expect, test } from 'vitest';
import table from '@server/work/transitions.json';
import { type Evidence, type Row, IllegalStep, gaps, step, steps } from '@shared/sync';
import { same } from '@shared/sync/overlay';
import { older } from '@shared/sync/round';
import { demandStep } from '@shared/sync/visit-table';

const row = (values: object): Row => ({ id: 'x', rev: 1, ...values }) as Row;

describe('the table of steps', () => {
  test('has for every pair of states exactly what the server has', () => {
    for (const from of table.statuses)
      for (const to of table.statuses) {
        const listed = table.steps.find((each) => each.from === from && each.to === to && each.who.length);
        expect(step(from, to)?.event).toBe(listed?.event);
        const offline = listed?.offline && listed.who.some((who) => who === 'engineer' || who === 'customer');
        if (offline) expect(demandStep(from, to)).toBe(step(from, to));
        else expect(() => demandStep(from, to)).toThrow(IllegalStep);
      }
  });

  test('says what is possible instead', () => {
    expect(steps('accepted').map(({ to }) => to)).toEqual(['en_route', 'cannot_complete']);
    expect(() => demandStep('dispatched', 'completed')).toThrow(
      expect.objectContaining({ allowed: ['accepted', 'rejected'] }),
    );
  });
});

describe('what keeps a visit from its end', () => {
  const complete = step('working', 'completed')!;
  const evidence = (more: Partial<Evidence> = {}): Evidence => ({
    visit: row({}), jobType: row({ requires_signature: true, required_photos: 1 }), items: [], answers: [], media: [],
    signatures: [], ...more,
  });
  const item = row({ id: 'i', required: true, at_status: 'completed', kind: 'number' });
  const photoItem = { ...item, kind: 'photo' };
  const photo = row({ id: 'p', kind: 'photo' });
  const signature = row({ id: 's' });
  const names = (given: Evidence) => gaps(complete, given).map(({ guard }) => guard);

  test('is each thing that is missing, and nothing that is there', () => {
    expect(names(evidence({ items: [item] }))).toEqual(['checklist', 'photos', 'signature']);
    const answers = [row({ item_id: 'i', value: 7 })];
    expect(names(evidence({ items: [item], answers, media: [photo], signatures: [signature] }))).toEqual([]);
  });

  test('is no item of another step, and no optional one', () => {
    const items = [{ ...item, at_status: 'on_site' }, { ...item, required: false }];
    expect(names(evidence({ items, media: [photo], signatures: [signature] }))).toEqual([]);
  });

  test.each([
    ['a photo of the item', { media: [{ ...photo, item_id: 'i' }] }, true],
    ['a photo that the answer names', { media: [photo], answers: [row({ item_id: 'i', value: ['p'] })] }, true],
    ['another photo', { media: [photo] }, false],
    ['an answer without a photo', { media: [photo], answers: [row({ item_id: 'i', value: 'yes' })] }, false],
  ])('with an item that asks for a photo: %s', (_what, given, enough) => {
    const found = names(evidence({ items: [photoItem], signatures: [signature], ...given }));
    expect(found).toEqual(enough ? [] : ['checklist']);
  });

  test('counts photos, and asks for an abort before one may abort', () => {
    const more = evidence({ jobType: row({ required_photos: 2 }), media: [photo] });
    expect(gaps(complete, more)).toEqual([{ guard: 'photos', required: 2, present: 1 }]);
    const abort = step('working', 'aborted')!;
    expect(gaps(abort, evidence()).map(({ guard }) => guard)).toEqual(['abort_asked']);
    expect(gaps(abort, evidence({ visit: row({ abort_asked_at: '2026-03-01T08:00:00Z' }) }))).toEqual([]);
  });
});

test.each([
  ['1.9.0', '1.10.0', true],
  ['1.10.0', '1.9.0', false],
  ['2', '2.0.0', false],
  ['1.0.0-beta', '1.0.0', false],
  ['0.9', '1', true],
  ['anything', '', false],
])('version %s is older than %s: %s', (version, least, expected) => expect(older(version, least)).toBe(expected));

test.each([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [[1, 2], [2, 1], false],
  [{}, [], false],
  [null, {}, false],
  ['1', 1, false],
])('%j and %j are the same: %s', (one, other, expected) => expect(same(one, other)).toBe(expected));
