import { useEffect, useState } from 'preact/hooks';
import { session } from '@shared/api';
import { ADDRESSES } from '@shared/apps';
import { dictionary, formatNumber } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';
import { APP_VERSION } from '@shared/version';
import { LanguageSwitch, ThemeSwitch } from '@shared/ui/switches';
import { standing } from './data/client';
import { News } from './news';
import { stopPush } from './push';
import { Sheet } from './sheet';
import { waiting } from './state';
import { appIsKept, notKept, takeUpdate, updateWaits } from './updates';
import { Location } from './watched';

const t = dictionary(
  {
    title: 'You and this phone',
    ready: 'Ready offline',
    readyYes: 'The app and your work are on this phone: it was checked.',
    readyNo: 'Not ready yet. Stay connected for a moment.',
    insecure: 'This address is not secure (https): the app cannot be kept on this phone, and works only with a connection.',
    unsupported: 'This browser cannot keep the app. It works only with a connection.',
    failed: 'The app could not be kept on this phone.',
    storage: 'Storage',
    persisted: 'This browser has promised to keep your data.',
    notPersisted: 'This browser may clear your data when space is short. Install the app to prevent that.',
    used: '{used} MB used, {free} MB free',
    full: 'The storage of this phone is almost full. Photos may no longer fit.',
    update: 'A new version is ready',
    updateHint: 'Your unsent work stays on this phone.',
    take: 'Use the new version',
    version: 'Version {version}',
    language: 'Language and appearance',
    signOut: 'Sign out',
    signOutTitle: 'Sign out?',
    unsentStays: 'Not sent yet: {what}. It stays on this phone until you sign in here again. Nobody else will see it before.',
    clean: 'Everything is sent.',
    stay: 'Stay signed in',
  },
  {
    title: '我与本手机',
    ready: '离线可用',
    readyYes: '应用和您的任务已保存在本手机上，并已核对。',
    readyNo: '尚未就绪，请保持联网片刻。',
    insecure: '此地址不安全（非 https），应用无法保存在本手机上，只能联网使用。',
    unsupported: '此浏览器无法保存应用，只能联网使用。',
    failed: '应用未能保存到本手机。',
    storage: '存储空间',
    persisted: '浏览器已承诺保留您的数据。',
    notPersisted: '空间不足时，浏览器可能清除您的数据。安装应用可避免这种情况。',
    used: '已用 {used} MB，可用 {free} MB',
    full: '手机存储空间即将用尽，照片可能无法保存。',
    update: '新版本已就绪',
    updateHint: '未发送的工作会保留在本手机上。',
    take: '使用新版本',
    version: '版本 {version}',
    language: '语言与外观',
    signOut: '退出登录',
    signOutTitle: '确定退出登录？',
    unsentStays: '尚未发送：{what}。这些内容会保留在本手机上，直到您再次在此登录；其他人在此之前看不到。',
    clean: '已全部发送。',
    stay: '保持登录',
  },
);

const SCARCE = 50_000_000;
const megabytes = (bytes: number) => formatNumber(bytes / 1e6, { maximumFractionDigits: 0 });

/** Who uses this phone, whether it is ready for a day without a network, and the way out. */
export function Me() {
  const [leaving, setLeaving] = useState(false);
  return (
    <main class="stack">
      <h1>{t('title')}</h1>
      <p>{session.current.value?.user.name} · {session.current.value?.user.organisation?.name}</p>
      {updateWaits.value && <Update />}
      <Ready />
      <Location />
      <News />
      <section class="card stack">
        <h2>{t('language')}</h2>
        <div class="halves"><LanguageSwitch /><ThemeSwitch /></div>
      </section>
      <p class="soft">{t('version', { version: APP_VERSION })}</p>
      <Button kind="danger" onClick={() => setLeaving(true)}>{t('signOut')}</Button>
      {leaving && <Leaving onStay={() => setLeaving(false)} />}
    </main>
  );
}

function Update() {
  return (
    <Notice>
      <strong>{t('update')}</strong>
      <p>{t('updateHint')}</p>
      <Button kind="primary" onClick={takeUpdate}>{t('take')}</Button>
    </Notice>
  );
}

function Ready() {
  const [kept, setKept] = useState<boolean | null>(null);
  const [space, setSpace] = useState<{ persisted: boolean; used: number; free: number } | null>(null);
  useEffect(() => {
    void appIsKept().then(setKept);
    void storage().then(setSpace);
  }, [standing.value?.readyAt]);
  const ready = kept && standing.value?.readyAt;
  return (
    <section class="card stack" data-ready={String(Boolean(ready))}>
      <h2>{t('ready')}</h2>
      {notKept.value ? <Notice kind="bad">{t(notKept.value)}</Notice>
      : kept !== null && <Notice kind={ready ? 'good' : 'warn'}>{t(ready ? 'readyYes' : 'readyNo')}</Notice>}
      {space && (
        <>
          <h2>{t('storage')}</h2>
          <p>{t('used', { used: megabytes(space.used), free: megabytes(space.free) })}</p>
          <p>{t(space.persisted ? 'persisted' : 'notPersisted')}</p>
          {space.free < SCARCE && <Notice kind="bad">{t('full')}</Notice>}
        </>
      )}
    </section>
  );
}

async function storage() {
  if (!navigator.storage?.estimate) return null;
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { persisted: await navigator.storage.persisted(), used: usage, free: quota - usage };
}

async function leave(): Promise<void> {
  await stopPush().catch(() => undefined); // whoever uses this browser next hears nothing of it
  history.replaceState(null, '', ADDRESSES.field); // whoever signs in next begins at the day
  await session.signOut(); // and the app leads to the sign-in page, once there is a way to it
}

/** The way out says what would wait here. */
function Leaving({ onStay }: { onStay: () => void }) {
  const what = waiting();
  return (
    <Sheet title={t('signOutTitle')} onClose={onStay}>
      <Notice kind={what ? 'warn' : 'good'}>{what ? t('unsentStays', { what }) : t('clean')}</Notice>
      <Button onClick={onStay}>{t('stay')}</Button>
      <Button kind="danger" onClick={leave}>{t('signOut')}</Button>
    </Sheet>
  );
}
