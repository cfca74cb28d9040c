import './portal.css';
import { start } from '@shared/start';
import { LanguageSwitch, ThemeSwitch } from '@shared/ui/switches';
import { Track } from './track';
import { t } from './track/words';

/** The customer's page at `/track/{code}`. */
function Portal() {
  return (
    <div class="portal stack">
      <header class="row">
        <span class="brand grow">Callout</span>
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main class="stack">
        <Track code={location.pathname.split('/')[2] ?? ''} />
      </main>
    </div>
  );
}

start(<Portal />, () => `${t('title')} · Callout`);
