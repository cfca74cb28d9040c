import { expect, test, vi } from 'vitest';
import type { Session } from '@shared/api';

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' }));
const { session } = await import('@shared/api');
const { remembered } = await import('@shared/remembered');
const { draftOf, keep } = await import('../../src/console/data/drafts');

const signedIn = (id: string) => (session.current.value = { user: { id }, deviceId: 'd', tokens: null } as unknown as Session);

test('what is half written is there for whoever wrote it, and for nobody else, until it is sent', () => {
  signedIn('dina');
  keep('note.j1', 'Ring twice');
  expect(draftOf('note.j2')).toBeNull();
  signedIn('omar');
  expect(draftOf('note.j1')).toBeNull();
  signedIn('dina');
  expect(draftOf('note.j1')).toBe('Ring twice');
  keep('note.j1', null);
  expect(draftOf('note.j1')).toBeNull();
});

test('what storage refuses is the newest all the same, for as long as the page lasts', () => {
  const kept = new Map([['callout.draft.dina.note.j3', '"first half"']]);
  const full = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: full, removeItem: (key: string) => kept.delete(key) });
  expect(draftOf('note.j3')).toBe('first half');
  keep('note.j3', 'first half and the second');
  expect(draftOf('note.j3')).toBe('first half and the second');
  keep('note.j3', null);
  expect(draftOf('note.j3')).toBeNull();
  expect(remembered.lasts()).toBe(false);
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  expect(remembered.lasts()).toBe(true);
  vi.unstubAllGlobals();
});
