import { useEffect, useState } from 'preact/hooks';
import { signInAddress } from '@shared/apps';
import { dictionary } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';

const t = dictionary(
  {
    out: 'You are signed out.',
    needed: 'To sign in the phone needs a connection. What was not sent stays on this phone until you sign in here again.',
    again: 'Try again',
  },
  {
    out: '您已退出登录。',
    needed: '登录需要网络连接。未发送的内容会保留在本手机上，直到您在此重新登录。',
    again: '重试',
  },
);

/** The way to the sign-in page, which is the server's: without a network this stays and says why. */
export function SignedOut() {
  const [cut, setCut] = useState(false);
  const leave = () =>
    fetch('/', { method: 'HEAD', cache: 'no-store' }).then(() => location.replace(signInAddress()), () => setCut(true));
  useEffect(() => {
    void leave();
    addEventListener('online', leave);
    return () => removeEventListener('online', leave);
  }, []);
  if (!cut) return null;
  return (
    <main class="stack">
      <Notice kind="warn"><strong>{t('out')}</strong><p>{t('needed')}</p></Notice>
      <Button kind="primary" onClick={leave}>{t('again')}</Button>
    </main>
  );
}
