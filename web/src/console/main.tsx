import './console.css';
import { start } from '@shared/start';
import { SignedIn } from '@shared/ui/shell';
import { Desk } from './desk';
import { t } from './words';

start(
  <SignedIn>
    <Desk />
  </SignedIn>,
  () => `${t('title')} · Callout`,
);
