import { afterEach, describe, expect, test, vi } from 'vitest';
import { speak } from '@shared/i18n';
import { written, typed } from '../../src/console/conflicts/third';
import { learnNames } from '../../src/console/conflicts/naming';
import { fieldsOf, namesIn, sidesOf, spoken } from '../../src/console/conflicts/values';
import { kindName } from '../../src/console/conflicts/words';
import { deedName, stepName } from '../../src/console/panel/deeds';
import type { Conflict } from '../../src/console/data/shapes';

vi.hoisted(() => Object.assign(globalThis, { location: { origin: 'http://server', pathname: '/', search: '' }, addEventListener: () => undefined }));

const PLACE = { type: 'Point', coordinates: [121.4737, 31.2304] };
afterEach(() => speak('en'));

describe('what two truths say', () => {
  test('structures, states and ticks are words', () => {
    const facts = [
      { collection: 'visits', row_id: 'x', to: 'working' },
      { collection: 'part_uses', row_id: 'x', quantity: '2', serial: null },
    ];
    expect(spoken(facts, 'facts')).toBe('Working\nPart used · Quantity: 2');
    expect(spoken(PLACE, 'location')).toBe('31.23040, 121.47370');
    expect(spoken('on_site', 'status')).toBe('On site');
    expect(spoken(false)).toBe('No');
    expect(spoken(['a', 'b'])).toBe('a\nb');
    expect(spoken({ en: 'Pressure', zh: '压力' })).toBe('Pressure');
    speak('zh-CN');
    expect(spoken({ en: 'Pressure', zh: '压力' })).toBe('压力');
    expect(spoken(true)).toBe('是');
  });

  test('a refused change is opened, and what says nothing to a person is left out', () => {
    const mine = { type: 'update', data: { access_notes: 'Ring' } };
    const theirs = { problem: { title: 'Not yours', status: 403, detail: 'The visit is not yours.' } };
    expect(fieldsOf(mine)).toEqual({ access_notes: 'Ring', type: 'update' });
    expect(spoken(fieldsOf(theirs).problem, 'problem')).toBe('The visit is not yours.');
    expect(namesIn({ mine, theirs } as unknown as Conflict)).toEqual(['access_notes', 'type', 'problem']);
    expect(fieldsOf({ value: 3, answer_id: 'x', engineer_id: 'y' })).toEqual({ value: 3, engineer_id: 'y' });
    expect(fieldsOf(null)).toEqual({});
  });

  test('work under an old plan says what would be: whose the visit is then, in which state, and when what was done', () => {
    const facts = [{ collection: 'visit_events', to: 'en_route', reason: null, corrected_at: '2026-03-02T05:26:00Z' }, { collection: 'time_entries', kind: 'travel', ended_at: null, corrected_at: '2026-03-02T05:26:00Z' }];
    const met = { kind: 'late_fact', engineer_id: 'wang', mine: { facts }, theirs: { status: 'dispatched', engineer_id: 'morris', cancel_reason: null } } as unknown as Conflict;
    expect(sidesOf(met)[0]).toMatchObject({ status: 'en_route', engineer_id: 'wang' });
    expect(namesIn(met)).toEqual(['status', 'engineer_id', 'facts', 'cancel_reason']);
    expect(spoken(facts, 'facts')).toBe('Mar 2 05:26 · On the way\nMar 2 05:26 · Working time · Kind: driving');
    const noStep = { ...met, mine: { facts: facts.slice(1) } } as unknown as Conflict;
    expect(sidesOf(noStep)[0].status).toBe('dispatched');
  });

  test('every kind of the server has its own name', () => {
    const kinds = ['field', 'answer', 'late_fact', 'proposal', 'left', 'delete', 'rejected', 'revoked', 'content_diverged', 'chain_broken'];
    expect(new Set(kinds.map(kindName)).size).toBe(kinds.length);
  });

  test.each([true, 12.5, 'two\nlines', PLACE])('%j is written into a field and read back', (value) => {
    expect(typed(written(value), value)).toEqual(value);
  });

  test.each([[12.5, null], [null, null], ['two', '']])('a field that held %j and is emptied says %j', (held, says) => {
    expect(typed('', held)).toBe(says);
  });

  test('the time of a visit is told as what it is', () => {
    expect(spoken([{ collection: 'time_entries', kind: 'work' }], 'facts')).toBe('Working time · Kind: working');
  });
});

test('what happened is told in words of the user', () => {
  expect(deedName('customer_wrote')).toBe('The customer wrote');
  expect(stepName({ event: 'accepted', to_status: 'accepted' })).toBe('Accepted');
  expect(stepName({ event: 'reassigned', to_status: 'scheduled' })).toBe('Given to somebody else → Scheduled');
  speak('zh-CN');
  expect(deedName('customer_wrote')).toBe('客户留言');
  expect(deedName('something_new')).toBe('something new');
});

describe('what is spoken of by its id', () => {
  const [item, part, photo, stranger] = ['1', '2', '3', '4'].map((end) => `0197a000-0000-7000-8000-00000000000${end}`) as [string, string, string, string];
  const rows: Record<string, object> = { [`checklist-items/${item}`]: { label: { en: 'Pressure', zh: '压力' } }, [`parts/${part}`]: { name: 'Valve' }, [`media/${photo}`]: { filename: 'meter.jpg', kind: 'photo' } };

  test('has its name: a question, a part, a picture; what cannot be read keeps the end of its id', async () => {
    vi.stubGlobal('fetch', async ({ url }: Request) => {
      const row = rows[url.split('/api/v1/')[1]!];
      return row ? Response.json(row) : new Response('{}', { status: 404 });
    });
    const facts = [{ collection: 'part_uses', row_id: 'x', part_id: part }, { collection: 'visit_evidence', row_id: 'y', ref_id: photo }];
    await learnNames({ collection: 'checklist_answers', row_id: item, mine: { value: [photo], facts }, theirs: { part_id: stranger } } as unknown as Conflict);
    expect(spoken(item)).toBe('Pressure');
    expect(spoken([photo], 'value')).toBe('meter.jpg');
    expect(spoken(facts, 'facts')).toBe('Part used · Part: Valve\nPhoto or signature · File: meter.jpg');
    expect(spoken(stranger)).toBe('entry 000004');
    speak('zh-CN');
    expect(spoken(item)).toBe('压力');
  });
});
