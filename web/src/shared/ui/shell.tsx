import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { inWords, session } from '../api';
import { signInAddress } from '../apps';
import { dictionary } from '../i18n';
import { Button } from '.';
import { LanguageSwitch, ThemeSwitch } from './switches';

const t = dictionary(
  { signOut: 'Sign out', ended: 'Your session has ended.', signIn: 'Sign in' },
  { signOut: '退出登录', ended: '登录已失效。', signIn: '登录' },
);

/** The bar on top of the apps: what this is, who is signed in, the switches, the way out. */
export function Bar({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <header class="bar">
      <span class="brand">{title}</span>
      <div class="grow">{children}</div>
      <span class="soft">{session.current.value?.user.name}</span>
      <LanguageSwitch />
      <ThemeSwitch />
      <Button kind="quiet" onClick={leave}>
        {t('signOut')}
      </Button>
    </header>
  );
}

/** What only somebody who is signed in may see; anybody else is sent to the sign-in page and back. */
export function SignedIn({ children }: { children: ComponentChildren }) {
  const inside = Boolean(session.current.value?.tokens);
  useEffect(() => {
    if (!inside) location.replace(leaving ? '/' : signInAddress());
  }, [inside]);
  return inside ? <>{children}</> : null;
}

let leaving = false; // whoever signs out does not want to come back to where he was

async function leave(): Promise<void> {
  leaving = true;
  try {
    await session.signOut();
  } catch (error) {
    console.warn(inWords(error)); // it ends here in any case
  }
  location.assign('/');
}
