import type { Core } from '../../core/core.ts';
import { originOf, type RequestContext, type Submission } from '../../core/http/context.ts';
import { safeNextPath } from '../../core/http/next-path.ts';
import { messages } from '../../core/pages/messages.ts';
import { paths, withNext } from '../../core/paths.ts';
import { RequestRefused } from '../../core/problems.ts';
import type { Passwords } from '../passwords/index.ts';
import {
  type Registration,
  type RegistrationProblems,
  readRegistration,
  type Typed,
  typedFields,
} from './fields.ts';
import { closedPage, registrationForm } from './pages.ts';

/** GET /register: the form; where registration is closed, a page that says so. */
export function showRegistration(core: Core, passwords: Passwords) {
  const isClosed = core.settings.registration === 'closed';
  return (context: RequestContext) => {
    if (context.signedIn !== null) return core.pages.redirect(paths.home);
    if (isClosed) return showClosed(core, context);
    const next = safeNextPath(context.query('next'), core.settings.baseUrl.origin);
    return showForm(core, passwords, context, {
      status: 200,
      typed: { username: '', email: '' },
      next,
      problems: {},
    });
  };
}

/** POST /register: fields → hash → account and password in one transaction → login page. */
export function submitRegistration(core: Core, passwords: Passwords) {
  const isClosed = core.settings.registration === 'closed';
  return async ({ context, form }: Submission) => {
    if (isClosed) throw new RequestRefused(403);
    const typed = typedFields(form, core.settings);
    const next = safeNextPath(form.text('next'), core.settings.baseUrl.origin);
    const reading = await readRegistration(typed, form.text('password'), passwords);
    const problems = reading.valid
      ? await register(core, passwords, context, reading.registration)
      : reading.problems;
    if (problems !== null) return showForm(core, passwords, context, { status: 422, typed, next, problems });
    core.pages.flash(context, 'registered');
    return core.pages.redirect(withNext(paths.login, next));
  };
}

async function register(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { username, email, password }: Registration,
): Promise<RegistrationProblems | null> {
  const now = core.clock();
  const hash = await passwords.hash(password);
  const creation = await core.accounts.create({ username, email }, now, (transaction, accountId) =>
    passwords.insert(transaction, accountId, hash, now),
  );
  if (!creation.created) return { [creation.taken]: 'taken' };
  core.announce({ type: 'registered', accountId: creation.accountId }, originOf(context));
  return null;
}

function showClosed({ pages }: Core, context: RequestContext) {
  return pages.show(context, 403, { title: messages.register.closedTitle, body: closedPage() });
}

type FormState = {
  readonly status: number;
  readonly typed: Typed;
  readonly next: string | null;
  readonly problems: RegistrationProblems;
};

function showForm(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { status, ...state }: FormState,
) {
  const { pages, settings } = core;
  const { minimumCodePoints } = passwords;
  const asksForEmail = settings.email !== 'off';
  const body = registrationForm({
    ...state,
    csrf: pages.csrfToken(context),
    asksForEmail,
    minimumCodePoints,
  });
  return pages.show(context, status, { title: messages.register.title, body });
}
