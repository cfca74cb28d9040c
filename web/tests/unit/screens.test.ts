import { expect, test, vi } from 'vitest';
import type { Session } from '@shared/api';

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' });
  vi.stubGlobal('addEventListener', () => undefined);
});
const { session } = await import('@shared/api');
const { mayOpen } = await import('../../src/console/data/calls');
const { SCREENS } = await import('../../src/console/data/route');

const mine = (...rights: string[]) => {
  session.current.value = { user: { id: 'u', rights: Object.fromEntries(rights.map((one) => [one, 'all'])) }, deviceId: 'd', tokens: null } as unknown as Session;
  return SCREENS.filter(mayOpen);
};

test('a screen whose rows may not be read is not among those that can be opened', () => {
  expect(mine('dispatch.read', 'conflicts.read')).toEqual(SCREENS);
  expect(mine('conflicts.read')).toEqual(['board', 'map', 'work', 'conflicts', 'setup']);
  expect(mine()).toEqual(['board', 'map', 'work', 'setup']);
});
