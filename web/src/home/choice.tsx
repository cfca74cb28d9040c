import { type Session, session } from '@shared/api';
import { ADDRESSES, appsOf } from '@shared/apps';
import { Button, Notice } from '@shared/ui';
import { t } from './words';

/** Where to go, for somebody who is signed in already. */
export function Choice({ current }: { current: Session }) {
  const apps = appsOf(current.user);
  return (
    <div class="stack">
      <p>{t('signedInAs', { name: current.user.name })}</p>
      {apps.map((app, place) => (
        <a key={app} class={`app card ${place ? '' : 'usual'}`} href={ADDRESSES[app]}>
          <strong>{t(app)}</strong>
          <span class="soft">{t(`${app}About`)}</span>
        </a>
      ))}
      {!apps.length && <Notice kind="warn">{t('nothing')}</Notice>}
      <Button onClick={() => session.signOut()}>{t('other')}</Button>
    </div>
  );
}
