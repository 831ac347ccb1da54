import { html } from 'hono/html';
import type { Core } from '../../src/core/core.ts';
import type { Feature } from '../../src/core/feature.ts';
import type { RequestContext, Submission } from '../../src/core/http/context.ts';
import { csrfField } from '../../src/core/pages/form.ts';

export const PENDING = 'latchkey-pending';

/** A further step as a feature brings it: those it stands in the way of press its button before they go on. */
export type StandInStep = {
  readonly path: `/${string}`;
  readonly features: (core: Core) => readonly Feature[];
  /** The ids of the accounts that it stands in the way of. */
  readonly blocked: Set<string>;
};

/** @param name also where its page is */
export function createStandInStep(name = 'stand-in'): StandInStep {
  const path = `/login/${name}` as const;
  const blocked = new Set<string>();
  return { path, blocked, features: (core) => [featureOf(core, name, path, blocked)] };
}

function featureOf(core: Core, name: string, path: `/${string}`, blocked: Set<string>): Feature {
  const { pages, pendingSignIns, continueSignIn } = core;
  const show = async (context: RequestContext) => {
    const turn = await pendingSignIns.read(context, name);
    if (turn.pending === null) return pages.redirect(turn.path);
    const form = html`<form method="post">${csrfField(pages.csrfToken(context))}</form>`;
    return pages.show(context, 200, {
      title: name,
      body: html`<h1>${turn.pending.username}</h1>${form}`,
    });
  };
  /** A form with the field `undone` goes on without having done anything. */
  const submit = async ({ context, form }: Submission) => {
    const turn = await pendingSignIns.read(context, name);
    if (turn.pending === null) return pages.redirect(turn.path);
    if (form.text('undone') === '') blocked.delete(turn.pending.accountId);
    return pages.redirect(await continueSignIn(context));
  };
  return {
    name,
    needs: [],
    settings: {},
    tables: [],
    routes: [
      { method: 'GET', path, access: 'public', limit: 'none', handle: show },
      { method: 'POST', path, access: 'public', limit: 'none', handle: submit },
    ],
    signInSteps: [{ name, path, isInTheWay: async (accountId) => blocked.has(accountId) }],
  };
}
