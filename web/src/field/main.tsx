import './field.css';
import { effect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { session } from '@shared/api';
import { ADDRESSES, appsOf } from '@shared/apps';
import { dictionary, zone } from '@shared/i18n';
import { start } from '@shared/start';
import { Notice } from '@shared/ui';
import { Conflicts, openConflicts } from './conflicts';
import { openStore, standing, world } from './data/client';
import { all } from './data/rows';
import { Elsewhere } from './elsewhere';
import { Loss } from './lost';
import { Me } from './me';
import { OpenWork } from './open';
import { follow, proposing, sharing } from './positions';
import { address, followRoutes, place } from './route';
import { beat } from './rounds';
import { SignPage } from './sign';
import { SignedOut } from './signed-out';
import { StateLine } from './state';
import { Today } from './today';
import { Watched } from './watched';
import { keepApp, updateWaits } from './updates';
import { VisitPage } from './visit';
import { t as shared } from './words';

const t = dictionary(
  {
    conflicts: 'To check',
    me: 'You',
    places: 'Places of the app',
    notYours: 'This app shows an engineer’s own visits, and this account is no engineer’s.',
    desk: 'To the dispatch desk',
    erased: 'This phone was taken out of use by your organisation. Everything on it was deleted.',
    noStorage: 'This browser does not let the app keep anything: {why}. Leave private mode, or free some space.',
  },
  {
    conflicts: '需要核对',
    me: '我的',
    places: '应用导航',
    notYours: '本应用显示工程师本人的任务，而此账户不是工程师账户。',
    desk: '前往调度台',
    erased: '您的组织已停用本手机，其中的内容已全部删除。',
    noStorage: '此浏览器不允许应用保存数据：{why}。请退出无痕模式或释放空间。',
  },
);

function App() {
  const [opened, setOpened] = useState<boolean | string>(false);
  const person = session.current.value?.deviceId;
  useEffect(() => {
    if (person) openStore().then(beat).then(() => setOpened(true), (error) => setOpened(String(error)));
  }, [person]);
  if (standing.value?.phase === 'erased') return <main class="stack"><Notice kind="warn">{t('erased')}</Notice></main>;
  if (typeof opened === 'string') return <main class="stack"><Notice kind="bad">{t('noStorage', { why: opened })}</Notice></main>;
  if (!person) return <SignedOut />;
  if (!opened) return null;
  if (!appsOf(session.current.value!.user).includes('field')) return <NotYours />;
  return (
    <>
      <StateLine />
      <Watched />
      <Loss />
      <Elsewhere />
      <Screen />
      <Places />
    </>
  );
}

function NotYours() {
  return (
    <main class="stack">
      <Notice kind="warn">{t('notYours')}</Notice>
      <a class="button primary" href={ADDRESSES.dispatch}>{t('desk')}</a>
    </main>
  );
}

function Screen() {
  const [first, id, last] = place.value;
  const visit = world.value.visits.get(id ?? '');
  if (first === 'visits' && visit && last === 'sign') return <SignPage key={id} visit={visit} />;
  if (first === 'visits' && id) return <VisitPage key={id} id={id} />;
  if (first === 'conflicts') return <Conflicts />;
  if (first === 'me') return <Me />;
  if (first === 'open') return <OpenWork />;
  return <Today />;
}

function Places() {
  const here = place.value[0];
  if (here === 'visits') return null;
  const conflicts = openConflicts();
  return (
    <nav class="places" aria-label={t('places')}>
      <a href={address()} aria-current={here ? undefined : 'page'}>{shared('today')}</a>
      <a href={address('conflicts')} aria-current={here === 'conflicts' ? 'page' : undefined}>
        {t('conflicts')}{conflicts > 0 && <b class="count">{conflicts}</b>}
      </a>
      <a href={address('me')} aria-current={here === 'me' ? 'page' : undefined}>
        {t('me')}{updateWaits.value && <b class="count">1</b>}
      </a>
    </nav>
  );
}

/** Visits are at the hours of the place where the work is, wherever the phone's clock thinks it is. */
effect(() => {
  zone.value = session.current.value?.user.organisation?.timezone ?? undefined;
});

/** The phone looks where it is only between setting off and the end of a visit. */
effect(() => {
  const underWay = all(world.value, 'visits', ({ status }) => ['en_route', 'on_site', 'working'].includes(status));
  follow((sharing.value || proposing.value) && underWay.length > 0);
});

followRoutes();
void keepApp();
start(<App />, () => `${shared('title')} · Callout`);
