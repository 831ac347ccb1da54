import { z } from 'zod';
import { defineAction, definePage, text } from '../../auth/action.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { progressOf, type SignInProgress } from '../../auth/sign-in.ts';
import { withNext } from '../../platform/web/index.ts';
import { clientKey, noticesAbout, type Passwords, passwordsService } from '../passwords/index.ts';
import { flashes } from './definitions.ts';
import { fieldReasons, readRegistration } from './fields.ts';
import { afterRegistration, registrationSettings } from './name-rules.ts';
import { registrationView } from './pages.ts';
import { admissionReasons, registrar } from './registrar.ts';

/** The form; for a visitor who may not register, a page that says why. */
export const registrationPage = definePage({
  path: '/register',
  access: 'public',
  needs: { passwords: passwordsService, registration: registrar },
  load:
    ({ settings, slots }, { passwords: { minimumCodePoints }, registration }) =>
    async (context) => {
      const visit = await registration.visit(context);
      if (visit instanceof Response) return visit;
      const needsEmail = settings.email === 'required';
      return { ...visit, needsEmail, minimumCodePoints, buttons: slots().signInButtons };
    },
  view: registrationView,
});

/** May the visitor register? → a user’s form? → fields → hash → account, password and invitation in one transaction. */
export const register = defineAction({
  path: '/register',
  access: 'public',
  capacity: 'hashing',
  needs: { passwords: passwordsService, registration: registrar },
  input: z.object({ username: text(), email: text(), password: text(), next: text() }),
  keeps: ['username', 'email'],
  reasons: { ...admissionReasons, ...fieldReasons },
  run: (core, { passwords, registration }) => {
    const { settings, locations } = core;
    const { signInAfterRegistration } = core.settingsOf(registrationSettings);
    const isUnconfirmed = settings.email === 'required';
    const isSignedIn = signInAfterRegistration === 'on' && !isUnconfirmed;
    return async ({ context, form, input: { username, email, password, next } }) => {
      const admitted = await registration.admit({ context, form });
      if (!admitted.ok) return admitted;
      const { invited } = admitted;
      const names = registration.readNames({ username, email }, invited, isUnconfirmed);
      const read = await readRegistration(names, password, passwords);
      if (!read.ok) {
        registration.refuseFields(context);
        return read;
      }
      await registration.waitForRest({ context, form });
      const attempt = await registration.create(
        { context, form },
        {
          username: read.username,
          email: read.email,
          invited,
          prepare: async () => {
            const hash = await passwords.hash(read.password, clientKey(context));
            return (transaction, accountId) => passwords.insert(transaction, accountId, hash, core.clock());
          },
        },
      );
      if (!attempt.ok) return attempt;
      const outcome = attempt.result;
      if (outcome === 'invitation-gone') return registration.refuseEntry(context, outcome);
      if (typeof outcome === 'string') return { ok: false, problems: [{ reason: `${outcome}-taken` }] };
      const wanted = locations.readNext(next);
      const progress = isSignedIn
        ? await signInAtOnce(core, passwords, context, { ...outcome, password, next: wanted })
        : null;
      if (progress !== null) return { ok: true, ...progress, flashes: noticesAbout(password) };
      const own = wanted === null ? afterRegistration(core, null) : null;
      return {
        ok: true,
        next: own === null ? withNext(paths.login, wanted) : locations.onward(own),
        flashes: [
          isUnconfirmed ? flashes.registeredUnconfirmed : flashes.registered,
          ...noticesAbout(password),
        ],
      };
    };
  },
});

type NewUser = { readonly accountId: AccountId; readonly password: string; readonly next: string | null };

/** Signs the new user in with the password that was chosen just now. @returns null where the gate refuses it */
async function signInAtOnce(
  core: Core,
  passwords: Passwords,
  context: RequestContext,
  { accountId, password, next }: NewUser,
): Promise<SignInProgress | null> {
  const version = await passwords.version(accountId);
  if (version === null) return null;
  const facts = passwords.factsOf({ accountId, version, password });
  const proof = { method: 'password', credential: `${version}`, facts } as const;
  const identity = { accountId, isRemembered: false, next: afterRegistration(core, next), ...proof };
  return progressOf(core.locations, await core.completeSignIn(context, identity), identity.next);
}
