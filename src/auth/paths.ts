/**
 * Where the pages stand that others lead to. Each is declared as a route by one feature; core and the other
 * features know it by its name here, so that none has to know another's addresses.
 */
export const paths = {
  home: '/dashboard',
  login: '/login',
  signInLink: '/login/link',
  signInLinkSent: '/login/link/sent',
  openSignInLink: '/login/link/open',
  cancelSignIn: '/login/cancel',
  logout: '/logout',
  register: '/register',
  alive: '/healthz',
  ready: '/readyz',
  confirm: '/account/confirm',
  sessions: '/account/sessions',
  account: '/account',
  password: '/account/password',
  confirmAddress: '/account/confirm-address',
  verifyEmail: '/verify-email',
  forgotPassword: '/forgot-password',
  email: '/account/email',
  confirmEmailChange: '/account/email/confirm',
  undoEmailChange: '/undo-email-change',
  reportSignIn: '/not-me',
  resetPassword: '/reset-password',
  exportData: '/account/export',
  deleteAccount: '/account/delete',
  devMailbox: '/dev/mailbox',
  newcomer: '/register/connected',
  connections: '/account/connections',
} as const;
