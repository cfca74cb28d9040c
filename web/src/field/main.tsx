import { dictionary } from '@shared/i18n';
import { start } from '@shared/start';
import { Bar, SignedIn } from '@shared/ui/shell';

const t = dictionary({ title: 'Field app' }, { title: '现场应用' });

start(
  <SignedIn>
    <Bar title={t('title')} />
  </SignedIn>,
  () => `${t('title')} · Callout`,
);
