import { dictionary } from '@shared/i18n';
import { start } from '@shared/start';
import { Bar, SignedIn } from '@shared/ui/shell';

const t = dictionary({ title: 'Dispatch desk' }, { title: '调度台' });

start(
  <SignedIn>
    <Bar title={t('title')} />
  </SignedIn>,
  () => `${t('title')} · Callout`,
);
