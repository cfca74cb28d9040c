import type { components } from '@api';
import { dictionary, formatDuration } from '../i18n';
import { fieldWords } from './fields';

/** An RFC 9457 document; some kinds carry further members, such as `allowed`. */
export type Problem = components['schemas']['Problem'] & Record<string, unknown>;

/** The server understood and refused. */
export class ProblemError extends Error {
  override name = 'ProblemError';

  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
    /** Seconds after which to try again, where the server said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
  }

  /** The last part of the problem's type, such as `illegal-transition`; stable for ever. */
  get slug(): string {
    return String(this.problem.type ?? '').split('/').pop() ?? '';
  }
}

/** No answer came: no network, no server, or a line that broke. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** The error that a response stands for. What is no problem document (a proxy's page) is told by its status. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json');
  const body = isProblem ? ((await response.json().catch(() => ({}))) as Partial<Problem>) : {};
  return new ProblemError(response.status, body, Number(response.headers.get('Retry-After')) || null);
}

const t = dictionary(
  {
    unreachable: 'The server cannot be reached. Check the connection and try again.',
    unauthenticated: 'Your session has ended. Sign in again.',
    'device-revoked': 'This device was revoked by your organisation.',
    forbidden: 'You may not do this.',
    'not-found': 'This does not exist any more, or is not yours to see.',
    'stale-revision': 'Somebody changed this in the meantime. Look at the new state and try again.',
    'rate-limited': 'Too many attempts. Try again in {wait}.',
    'storage-full': 'The server has no room for more files.',
    unavailable: 'Callout is not available for a moment. Try again in {wait}.',
    internal: 'Something went wrong on our side. It has been noted.',
  },
  {
    unreachable: '无法连接服务器。请检查网络后重试。',
    unauthenticated: '登录已失效，请重新登录。',
    'device-revoked': '此设备已被所属组织停用。',
    forbidden: '您没有权限进行此操作。',
    'not-found': '内容已不存在，或您无权查看。',
    'stale-revision': '期间有人修改了此内容。请查看最新状态后重试。',
    'rate-limited': '尝试次数过多，请在 {wait} 后重试。',
    'storage-full': '服务器已没有空间存放更多文件。',
    unavailable: 'Callout 暂时不可用，请在 {wait} 后重试。',
    internal: '我们这边出了问题，已记录。',
  },
);

const KNOWN = new Set([
  'unauthenticated', 'device-revoked', 'forbidden', 'not-found', 'stale-revision', 'rate-limited', 'storage-full',
  'unavailable', 'internal',
] as const);
type Known = typeof KNOWN extends Set<infer Slug> ? Slug : never;

/** What went wrong, in words for whoever looks at the screen. */
export function inWords(error: unknown): string {
  if (error instanceof Unreachable) return t('unreachable');
  if (!(error instanceof ProblemError)) return error instanceof Error ? error.message : String(error);
  const slug = (error.slug || (error.status >= 502 ? 'unavailable' : '')) as Known;
  return KNOWN.has(slug) ? t(slug, { wait: formatDuration(error.retryAfter ?? 60) }) : spoken(error);
}

/** The server's sentence; where it begins with a pointer into the body, without it. */
function spoken({ message, problem: { errors: [first] = [] } }: ProblemError): string {
  return first && message.endsWith(`: ${first.detail}`) ? fieldWords(first.detail) : message;
}

/** What is wrong with single fields, by the server's names for them: `{ name: 'This is needed.' }`. */
export function faultsOf(error: unknown): Record<string, string> {
  const errors = (error instanceof ProblemError && error.problem.errors) || [];
  return Object.fromEntries(errors.map(({ pointer, detail }) => [nameIn(pointer), fieldWords(detail)]));
}

const nameIn = (pointer: string): string => pointer.split('/').findLast((part) => part && !/^\d+$/.test(part)) ?? '';
