/** What a token is for. A token made for one purpose passes for no other (A13). */
export type TokenPurposeName =
  | 'invitation'
  | 'email-confirmation'
  | 'password-reset'
  | 'email-change'
  | 'email-change-undo'
  | 'disowned-sign-in'
  | 'magic-link'
  | 'connected-registration'
  | 'identity-code';

/** What would give access to an account, or change how to get it: void once its password is another one (A11, A21). */
export const VOID_AFTER_PASSWORD_CHANGE: readonly TokenPurposeName[] = [
  'password-reset',
  'email-change',
  'magic-link',
  'identity-code',
];

/**
 * Void once the owner has recovered the account or has another address, whoever asked for it. What takes something back
 * stays.
 */
export const VOID_AFTER_RECOVERY: readonly TokenPurposeName[] = [
  ...VOID_AFTER_PASSWORD_CHANGE,
  'email-confirmation',
];

/** A purpose as a feature declares it, beside its routes. */
export type TokenPurpose = {
  readonly name: TokenPurposeName;
  /** How long a token lasts where whoever makes it says nothing else, in milliseconds. */
  readonly lifetime: number;
  /** What whoever shows such a token may do, in one line for the documents. */
  readonly meaning: string;
};
