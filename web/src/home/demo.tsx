import { Button } from '@shared/ui';
import { t } from './words';

const PASSWORD = 'callout-demo';
const PEOPLE = [
  ['demoDispatcher', 'dispatcher@demo.callout'],
  ['demoEngineer', 'engineer1@demo.callout'],
  ['demoAdmin', 'admin@demo.callout'],
] as const;

/** The people of the demo day, offered only by a server in demo mode: it writes so into the page. */
export function Demo({ onChoose }: { onChoose: (email: string, password: string) => void }) {
  if (document.documentElement.dataset.mode !== 'demo') return null;
  return (
    <fieldset class="demo">
      <legend>{t('demo')}</legend>
      <div class="row">
        {PEOPLE.map(([who, email]) => (
          <Button key={email} onClick={() => onChoose(email, PASSWORD)}>
            {t(who)}
          </Button>
        ))}
      </div>
      <a href="/outbox">{t('demoOutbox')}</a>
    </fieldset>
  );
}
