import './portal.css';
import { start } from '@shared/start';
import { LanguageSwitch, ThemeSwitch } from '@shared/ui/switches';
import { Sign } from './sign';
import { t as signing } from './sign/words';
import { Track } from './track';
import { t as tracking } from './track/words';

const [, page, key = ''] = location.pathname.split('/');
const signs = page === 'sign';

/** The customer's pages at `/track/{code}` and `/sign/{token}`. */
function Portal() {
  return (
    <div class="portal stack">
      <header class="row">
        <span class="brand grow">Callout</span>
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main class="stack">{signs ? <Sign token={key} /> : <Track code={key} />}</main>
    </div>
  );
}

start(<Portal />, () => `${signs ? signing('title') : tracking('title')} · Callout`);
