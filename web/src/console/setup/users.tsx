import { useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { newId } from '@shared/ids';
import { TextField } from '@shared/ui';
import { ifMatch } from '../data/calls';
import { engineers } from '../data/day';
import { at } from '../parts/form';
import { Choice } from '../parts/select';
import { AddForm } from './forms';
import { t } from './words';

const ROLES = ['dispatcher', 'engineer', 'agent', 'manager', 'storekeeper', 'auditor', 'admin'] as const;
type Role = (typeof ROLES)[number];

/** Somebody who can sign in; an engineer's sign-in belongs to the engineer who is planned. */
export function UserForm({ onDone }: { onDone: () => void }) {
  const [draft, setDraft] = useState({ name: '', email: '', password: '' });
  const [role, setRole] = useState<Role>('dispatcher');
  const [engineer, setEngineer] = useState('');
  const set = (name: keyof typeof draft) => (value: string) => setDraft((before) => ({ ...before, [name]: value }));
  const free = [...engineers.value.values()].filter((one) => !one.user_id);
  const choose = (id: string) => {
    setEngineer(id);
    if (id) setDraft((before) => ({ ...before, name: engineers.value.get(id)!.name }));
  };
  const add = async () => {
    const id = newId();
    await at({ name: 'user', password: 'first-password' }, result(api.POST('/api/v1/users', { body: { id, ...draft, role } as never })));
    const planned = role === 'engineer' && engineers.value.get(engineer);
    if (planned) {
      const params = { path: { row_id: planned.id } };
      await result(api.PATCH('/api/v1/engineers/{row_id}', { params, body: { user_id: id } as never, headers: ifMatch(planned.rev) }));
    }
    setDraft({ name: '', email: '', password: '' }), setEngineer('');
    return draft.name;
  };
  return (
    <AddForm label={t('users')} onAdd={add} onDone={onDone}>
      <Choice label={t('role')} value={role} onValue={(value) => setRole(value as Role)} options={ROLES.map((one) => [one, t(one)])} />
      {role === 'engineer' && <Choice label={t('isEngineer')} value={engineer} onValue={choose} options={[['', t('nobodyYet')], ...free.map((one) => [one.id, one.name] as const)]} />}
      <TextField label={t('name')} name="user" value={draft.name} onValue={set('name')} required />
      <TextField label={t('email')} name="email" type="email" autocomplete="off" value={draft.email} onValue={set('email')} required />
      <TextField label={t('password')} name="first-password" autocomplete="off" hint={t('passwordHint')} value={draft.password} onValue={set('password')} required />
    </AddForm>
  );
}
