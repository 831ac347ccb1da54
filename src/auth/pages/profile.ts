import { html } from 'hono/html';
import type { Html } from '../../platform/web/pages/layout.ts';
import { facts } from '../../platform/web/pages/panel.ts';
import { timeOf } from '../../platform/web/pages/time.ts';
import type { User } from '../sessions/session.ts';
import { messages } from './messages.ts';

const text = messages.profile;

/** Who somebody is here. */
export function profile(user: User): Html {
  return facts([
    [text.username, html`<bdi>${user.username}</bdi>`],
    [text.email, emailOf(user)],
    [text.memberSince, timeOf(user.createdAt)],
  ]);
}

function emailOf({ email, emailVerified }: User): Html {
  if (email === null) return html`${text.noEmail}`;
  return html`${email} <span class="optional">(${emailVerified ? text.emailVerified : text.emailUnverified})</span>`;
}
