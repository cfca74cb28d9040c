import './console.css';
import { start } from '@shared/start';
import { session } from '@shared/api';
import { ADDRESSES, appsOf } from '@shared/apps';
import { Notice } from '@shared/ui';
import { Bar, SignedIn } from '@shared/ui/shell';
import { Desk } from './desk';
import { t } from './words';

/** The desk, for those whose work it is; anybody else is shown the way to the own app. */
function Place() {
  if (appsOf(session.current.value!.user).includes('dispatch')) return <Desk />;
  return (
    <>
      <Bar title="Callout" />
      <main class="stack">
        <Notice kind="warn">{t('notYours')}</Notice>
        <a class="button primary" href={ADDRESSES.field}>{t('fieldApp')}</a>
      </main>
    </>
  );
}

start(
  <SignedIn>
    <Place />
  </SignedIn>,
  () => `${t('title')} · Callout`,
);
