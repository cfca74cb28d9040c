import { useState } from 'preact/hooks';
import { ProblemError, type Session, inWords, session } from '@shared/api';
import { remembered } from '@shared/remembered';
import { Button, Notice, TextField } from '@shared/ui';
import { Demo } from './demo';
import { t } from './words';

type Fault = { at: 'email' | 'password' | 'code' | 'form'; words: string };

/** E-mail, password and, when the account asks for it, the code of the authenticator app. */
export function SignIn({ onDone }: { onDone: (signedIn: Session) => void }) {
  const [email, setEmail] = useState(session.current.value?.user.email ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState<string | null>(null); // null: not asked for
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const [making, setMaking] = useState(false);
  const [lasts] = useState(remembered.lasts);
  const errorAt = (place: Fault['at']) => (fault?.at === place ? fault.words : undefined);

  function submit(event: Event) {
    event.preventDefault();
    const empty = firstEmpty({ email, password, ...(code === null ? {} : { code }) });
    if (empty) return setFault({ at: empty, words: t('missing') });
    return enter(email.trim(), password);
  }

  async function enter(name: string, secret: string) {
    setBusy(true);
    setFault(null);
    try {
      onDone(await onceMade(() => session.signIn(name, secret, code?.replace(/\s/g, '')), () => setMaking(true)));
    } catch (error) {
      if (slugOf(error) === 'totp-required') setCode('');
      else setFault(faultOf(error, code !== null));
    } finally {
      setBusy(false);
      setMaking(false);
    }
  }

  return (
    <form class="stack" onSubmit={submit} noValidate>
      {!lasts && <Notice kind="bad">{t('forgets')}</Notice>}
      {session.current.value && !fault && !making && <Notice kind="warn">{t('ended')}</Notice>}
      {making && <Notice kind="warn">{t('making')}</Notice>}
      {fault?.at === 'form' && <Notice kind="bad">{fault.words}</Notice>}
      <TextField label={t('email')} type="email" name="email" autocomplete="username" autofocus
        value={email} onValue={setEmail} error={errorAt('email')} />
      <TextField label={t('password')} type="password" name="password" autocomplete="current-password"
        value={password} onValue={setPassword} error={errorAt('password')} />
      {code !== null && (
        <TextField label={t('code')} hint={t('codeHint')} name="code" inputmode="numeric" autofocus
          autocomplete="one-time-code" value={code} onValue={setCode} error={errorAt('code')} />
      )}
      <Button kind="primary" type="submit" busy={busy}>
        {t('signIn')}
      </Button>
      <Demo onChoose={(name, secret) => (setEmail(name), setPassword(secret), enter(name, secret))} />
    </form>
  );
}

/** Signs in; while the demo day is being made, again and again until it is there. */
async function onceMade(attempt: () => Promise<Session>, tell: () => void): Promise<Session> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (slugOf(error) !== 'demo-being-made') throw error;
      tell();
      await new Promise((resolve) => setTimeout(resolve, ((error as ProblemError).retryAfter ?? 2) * 1_000));
    }
  }
}

function firstEmpty(values: Partial<Record<Fault['at'], string>>): Fault['at'] | undefined {
  return (Object.keys(values) as Fault['at'][]).find((name) => !values[name]?.trim());
}

function slugOf(error: unknown): string {
  return error instanceof ProblemError ? error.slug : '';
}

/** Where to show what went wrong. With a code given, a 401 is about the code: the password was right before. */
function faultOf(error: unknown, codeGiven: boolean): Fault {
  if (slugOf(error) !== 'unauthenticated') return { at: 'form', words: inWords(error) };
  return codeGiven ? { at: 'code', words: t('codeWrong') } : { at: 'form', words: t('wrong') };
}
