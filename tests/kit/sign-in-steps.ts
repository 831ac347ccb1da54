import assert from 'node:assert/strict';
import { html } from 'hono/html';
import type { Core } from '../../src/auth/core.ts';
import { authCookies } from '../../src/auth/definitions.ts';
import type { Feature } from '../../src/auth/feature.ts';
import type { RequestContext, Submission } from '../../src/auth/request-context.ts';
import { csrfField } from '../../src/platform/web/index.ts';
import type { Engine } from './databases.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';
import { ADA, accountOf, BEN, type Visitor } from './visitor.ts';

export const PENDING = 'latchkey-pending';

/** A required step as a feature declares it: the users who need it press its button before the sign-in continues. */
export type TestStep = {
  readonly path: `/${string}`;
  readonly features: (core: Core) => readonly Feature[];
  /** The ids of the accounts that need it. */
  readonly blocked: Set<string>;
};

// After the built-in steps, each at a position of its own.
let steps = 100;

/** @param name also the path of its page */
export function createTestStep(name = 'stand-in'): TestStep {
  const path = `/login/${name}` as const;
  const blocked = new Set<string>();
  return { path, blocked, features: (core) => [featureOf(core, name, path, blocked)] };
}

function featureOf(core: Core, name: string, path: `/${string}`, blocked: Set<string>): Feature {
  const { flows, pages, pendingSignIns, continueSignIn } = core;
  const show = async (context: RequestContext) => {
    flows.choose(context, authCookies.pending);
    const current = await pendingSignIns.read(context, name);
    if (current.pending === null) return pages.redirect(current.path);
    const form = html`<form method="post">${csrfField(pages.csrfToken(context))}</form>`;
    return pages.show(context, 200, {
      title: name,
      body: html`<h1>${current.pending.username}</h1>${form}`,
    });
  };
  /** A form with the field `undone` continues without completing the step. */
  const submit = async ({ context, form }: Submission) => {
    const current = await pendingSignIns.read(context, name);
    if (current.pending === null) return pages.redirect(current.path);
    if (form.text('undone') === '') blocked.delete(current.pending.accountId);
    return pages.redirect((await continueSignIn(context, context.flow)).next);
  };
  return {
    name,
    routes: [
      { method: 'GET', path, access: 'public', limit: 'none', handle: show },
      { method: 'POST', path, access: 'public', limit: 'none', handle: submit },
    ],
    signInSteps: [{ name, path, position: steps++, isRequired: async (accountId) => blocked.has(accountId) }],
  };
}

/** A system with one required step, and Ada and Ben; Ada needs the step. */
export async function startWithStep(engine: Engine, options: TestOptions = {}) {
  const step = createTestStep();
  const system = await startSystem(options, engine, { features: step.features });
  await system.visitor().register(ADA.username, ADA.password);
  await system.visitor().register(BEN.username, BEN.password);
  const { id } = await accountOf(system);
  step.blocked.add(id);
  return { system, step, id, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

/** Ada, who has given her password, and waits for the step. */
export async function signInUpToStep(started: { system: TestSystem; step: TestStep }): Promise<Visitor> {
  const ada = started.system.visitor();
  assert.equal((await ada.signIn(ADA.username, ADA.password)).location, started.step.path);
  return ada;
}

/** The pending sign-ins, the sessions, or the requests whose outcome is stored. */
export async function rowsIn(
  { system }: TestSystem,
  table: 'pending_sign_ins' | 'sessions' | 'repeatable_requests',
) {
  return system.core.database.queries.selectFrom(table).selectAll().execute();
}
