import { html } from 'hono/html';
import { facts, type Html, timeOf } from '../../platform/web/index.ts';
import { defineWords, type Wording } from '../../platform/words/index.ts';
import type { User } from '../sessions/session.ts';
import { emailStateWords, fieldWords } from './field-words.ts';

const profileWords = defineWords({
  noEmail: 'None given',
  memberSince: 'Member since',
});

/** The name and address of a user. */
export function profile(words: Wording, user: User): Html {
  return facts([
    [words(fieldWords).username, html`<bdi>${user.username}</bdi>`],
    [words(fieldWords).email, emailOf(words, user)],
    [words(profileWords).memberSince, timeOf(words, user.createdAt)],
  ]);
}

function emailOf(words: Wording, { email, emailVerified }: User): Html {
  if (email === null) return html`${words(profileWords).noEmail}`;
  const state = words(emailStateWords);
  return html`${email} <span class="optional">(${emailVerified ? state.verified : state.unverified})</span>`;
}
