import { expect, test, vi } from 'vitest';
import type { Session } from '@shared/api';

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' }));
const { session } = await import('@shared/api');
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
