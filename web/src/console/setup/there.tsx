import type { components } from '@api';
import { formatNumber } from '@shared/i18n';
import { engineers, jobTypes, territories } from '../data/day';
import type { Site } from '../data/shapes';
import { minutes } from '../words';
import type { Named } from './forms';
import { t } from './words';

export type User = Required<components['schemas']['User']>;
interface Line {
  id: string;
  name: string;
  about?: string;
}
type Known = { skills: Named[]; users: User[]; sites: Site[] };

/** What an organisation has of something already, beside the form that adds to it. */
export function There({ lines, more }: { lines: readonly Line[]; more?: boolean }) {
  if (!lines.length) return <p class="soft">{t('noneYet')}</p>;
  return (
    <div class="there">
      <h3>{t('there', { n: `${formatNumber(lines.length)}${more ? '+' : ''}` })}</h3>
      <ul tabIndex={0} aria-label={t('there', { n: lines.length })}>
        {lines.map(({ id, name, about }) => <li key={id}><span>{name}</span> {about && <span class="soft">{about}</span>}</li>)}
      </ul>
    </div>
  );
}

const words = (...parts: (string | null | undefined | false)[]) => parts.filter(Boolean).join(' · ');

/** The lines of each kind of thing. */
export const lines = {
  skills: ({ skills }: Known): Line[] => skills.map(({ id, name, code }) => ({ id, name, ...(code ? { about: code } : {}) })),
  types: ({ skills }: Known): Line[] =>
    [...jobTypes.value.values()].map((one) => ({
      id: one.id, name: one.name,
      about: words(minutes(one.duration_s), one.required_skills.map((need) => skills.find((skill) => skill.id === need.skill_id)?.name).filter(Boolean).join(', ')),
    })),
  people: (): Line[] =>
    [...engineers.value.values()].map((one) => ({ id: one.id, name: one.name, about: words(one.phone, one.skills.map((has) => has.code).join(', ')) })),
  territories: (): Line[] =>
    [...territories.value.values()].map((one) => ({
      id: one.id, name: one.name,
      about: [...engineers.value.values()].filter((person) => person.territory_ids.includes(one.id)).map((person) => person.name).join(', '),
    })),
  sites: ({ sites }: Known): Line[] => sites.map((one) => ({ id: one.id, name: one.name, about: one.address ?? '' })),
  users: ({ users }: Known): Line[] => users.map((one) => ({ id: one.id, name: one.name, about: words(roleName(one.role), one.email) })).sort((a, b) => a.name.localeCompare(b.name)),
};

const ROLES = ['dispatcher', 'engineer', 'agent', 'manager', 'storekeeper', 'auditor', 'admin'] as const;
const roleName = (role: string) => {
  const known = ROLES.find((one) => one === role);
  return known ? t(known) : role;
};
