import { html } from 'hono/html';
import type { FormView } from '../../auth/action.ts';
import { paths } from '../../auth/paths.ts';
import type { PageLink, SignInButton } from '../../auth/slots.ts';
import { fieldWords } from '../../auth/words.ts';
import {
  checkbox,
  csrfField,
  field,
  formProblem,
  type Html,
  hiddenField,
  linkLine,
  type Page,
  submitButton,
  withNext,
} from '../../platform/web/index.ts';
import type { Wording } from '../../platform/words/index.ts';
import { passwordField } from '../passwords/index.ts';
import { loginWords, logoutWords, rememberWords, signInButtonWords } from './words.ts';

export type LoginPage = {
  /** The page that the user wants next. */
  readonly next: string | null;
  /** Whether the user was sent here from that page. */
  readonly isRequired: boolean;
  readonly canRegister: boolean;
  /** Links to other sign-in methods. */
  readonly links: readonly PageLink[];
  readonly buttons: readonly SignInButton[];
};

type LoginField = 'username' | 'password' | 'remember';

/** The choice to stay signed in, which is sent as `remember`. */
export function rememberField(words: Wording, isChecked: boolean): Html {
  return checkbox({ name: 'remember', ...words(rememberWords), isChecked });
}

export function loginView(words: Wording, form: FormView<LoginField>, page: LoginPage): Page {
  const { next, isRequired, canRegister, links, buttons } = page;
  const text = words(loginWords);
  const shared = words(fieldWords);
  const { csrf } = form;
  const username = form.value('username');
  const body = html`<section class="card">
<h1>${text.title}</h1>
${formProblem(form.problem)}
<form method="post" action="${form.path}" novalidate>
${csrfField(csrf)}${hiddenField('next', next)}
${loginNameField(words, { username, problem: form.problemOf('username'), isFocused: username === '' })}
${passwordField(words, form.problemOf('password'), username !== '')}
${form.challenge}
${rememberField(words, form.value('remember') !== '')}
${submitButton(text.button)}
</form>
${signInButtons(words, { buttons, csrf, next })}
${links.map(({ path, label }) => linkLine('', { path: withNext(path, next), label: label(words) }))}
${linkLine('', { path: paths.forgotPassword, label: shared.forgottenPassword })}
${canRegister ? linkLine(text.noAccount, { path: withNext(paths.register, next), label: text.register }) : ''}
</section>`;
  const flash = { kind: 'notice', text: text.signInFirst } as const;
  return { title: text.title, body, ...(isRequired && { flash }) };
}

export type LogoutPage = { readonly username: string; readonly home: string };

export function logoutView(words: Wording, { path, csrf }: FormView, { username, home }: LogoutPage): Page {
  const text = words(logoutWords);
  const body = html`<section class="card">
<h1>${text.title}</h1>
<p class="lead">${text.question(username)}</p>
<form method="post" action="${path}">${csrfField(csrf)}${submitButton(text.button)}</form>
<p class="elsewhere"><a href="${home}">${text.stay}</a></p>
</section>`;
  return { title: text.title, body };
}

export type LoginNameField = {
  /** What was typed before. */
  readonly username: string;
  readonly problem: string | null;
  readonly isFocused: boolean;
};

/** The field for a username or an email address. */
export function loginNameField(words: Wording, { username, problem, isFocused }: LoginNameField): Html {
  return field(words, {
    name: 'username',
    label: words(fieldWords).usernameOrEmail,
    type: 'text',
    autocomplete: 'username',
    value: username,
    problem,
    isFocused,
  });
}

type Buttons = {
  readonly buttons: readonly SignInButton[];
  readonly csrf: string;
  /** The page that the user wants next. */
  readonly next: string | null;
  /** On the page for new users, the handle of its invitation, or empty. */
  readonly registration?: string;
};

/** A button for each of them, below a form; nothing where there are none. */
export function signInButtons(words: Wording, { buttons, csrf, next, registration }: Buttons): Html | '' {
  if (buttons.length === 0) return '';
  const text = words(signInButtonWords);
  const providerForm = ({ path, label }: { readonly path: string; readonly label: string }) =>
    html`<form method="post" action="${path}">${csrfField(csrf)}${hiddenField('next', next)}<button class="quiet" type="submit">${text.continueWith(label)}</button></form>`;
  // Shown by the script of every page, where the browser has what the buttons need.
  const isScripted = buttons.every(({ draw }) => draw !== undefined);
  return html`<div class="ways"${isScripted ? html` data-needs="PublicKeyCredential" hidden` : ''}>
<p>${text.or}</p>
${buttons.map((button) => (button.draw === undefined ? providerForm(button) : button.draw(words, next, registration)))}
</div>`;
}
