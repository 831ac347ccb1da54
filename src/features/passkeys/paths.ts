/** Where new users create one instead of a password. */
export const REGISTER = '/register/passkey';
/** Where users create one in a sign-in that needs it. */
export const SETUP = '/login/passkey-setup';
/** Where users manage their passkeys. */
export const PAGE = '/account/passkeys';
/** Where they decline the offer of a passkey. */
export const OFFER = '/account/passkeys/offer';
/** Where the browser creates one by itself after a password. */
export const UPGRADE = '/account/passkeys/upgrade';
/** Where they remove their password. */
export const WITHOUT_PASSWORD = '/account/without-password';
/** Where they sign in with one, and where they prove a second factor or authenticate again. */
export const SIGN_IN = '/login/passkey';
export const STEP = '/login/second-factor/passkey';
export const CONFIRM = '/account/confirm/passkey';
