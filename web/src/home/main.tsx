import './home.css';
import { type Session, session } from '@shared/api';
import { ADDRESSES, appsOf, nextAddress } from '@shared/apps';
import { start } from '@shared/start';
import { LanguageSwitch, ThemeSwitch } from '@shared/ui/switches';
import { Choice } from './choice';
import { SignIn } from './sign-in';
import { t } from './words';

function Home() {
  const current = session.current.value;
  return (
    <div class="home">
      <header class="row">
        <div class="grow" />
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main class="card stack">
        <div>
          <h1 class="brand">Callout</h1>
          <p class="soft">{t('tagline')}</p>
        </div>
        {current?.tokens ? <Choice current={current} /> : <SignIn onDone={proceed} />}
      </main>
    </div>
  );
}

/** On to where one came from, or to one's app; with several to choose from, stay and choose. */
function proceed(signedIn: Session): void {
  const [usual, ...others] = appsOf(signedIn.user);
  const target = nextAddress(location.search, location.origin) ?? (usual && !others.length ? ADDRESSES[usual] : null);
  if (target) location.assign(target);
}

start(<Home />, () => t('title'));
