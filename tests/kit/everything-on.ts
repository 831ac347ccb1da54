/**
 * Options with which every route, mail and setting of the features is on: the generated documents and the tests that
 * compare what features declare with what they do see all of them. A setting that switches routes on has its value here.
 */
export const EVERYTHING_ON = {
  email: 'required',
  magicLink: true,
  cspReports: true,
  scopes: ['notes:read', 'notes:write'],
  deviceClients: ['notes-cli'],
  mfaRecoveryDelay: '7d',
  securityContact: 'mailto:security@example.org',
} as const;
