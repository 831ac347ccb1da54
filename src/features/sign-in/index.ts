import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { bounds, flashes, limits } from './definitions.ts';
import { login, loginPage } from './login.ts';
import { cancelSignIn, logout, logoutPage } from './logout.ts';
import { passwordMethod } from './password-method.ts';
import * as words from './words.ts';
import { loginWords } from './words.ts';

export { type SignedOut, signOut } from './logout.ts';
export { loginNameField, rememberField, signInButtons } from './pages.ts';

/** The login and logout pages, and cancelling a pending sign-in. */
export const signIn = defineFeature({
  name: 'sign-in',
  words,
  bounds,
  flashes,
  limits,
  methodLabels: { password: (words) => words(loginWords).method },
  needs: { passwords: passwordsService },
  pages: [loginPage, logoutPage],
  actions: [login, cancelSignIn, logout],
  compose: (_core, { passwords }) => ({ signInMethods: [passwordMethod(passwords)] }),
});
