/** Passphrases that pass the policy and tell nothing about their owners. */
export const ADA = { username: 'Ada', password: 'nine copper kettles sing' } as const;
export const BEN = { username: 'Ben', password: 'seven paper boats at dusk' } as const;
export const WRONG_PASSWORD = 'eight wooden spoons in june';
