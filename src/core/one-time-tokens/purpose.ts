/** What a token is for. A token made for one purpose passes for no other (A13). */
export type TokenPurposeName =
  | 'invitation'
  | 'email-confirmation'
  | 'password-reset'
  | 'email-change'
  | 'email-change-undo'
  | 'disowned-sign-in'
  | 'connected-registration';

/**
 * What gives access to an account, or would change how to get it. All of it is void once the owner has recovered the
 * account, whoever asked for it (A11, A21). What takes something back stays.
 */
export const VOID_AFTER_RECOVERY: readonly TokenPurposeName[] = [
  'email-confirmation',
  'password-reset',
  'email-change',
];

/** A purpose as a feature declares it, beside its routes. */
export type TokenPurpose = {
  readonly name: TokenPurposeName;
  /** How long a token lasts where whoever makes it says nothing else, in milliseconds. */
  readonly lifetime: number;
  /** What whoever shows such a token may do, in one line for the documents. */
  readonly meaning: string;
};
