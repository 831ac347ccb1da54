import { defineWords } from '../../platform/words/index.ts';

export const emailWords = defineWords({
  passwordChanged: {
    subject: (site: string) => `Your ${site} password was changed`,
    lead: (site: string) =>
      `The password of your account at ${site} was changed, and every other session was ended.`,
    disconnected: (labels: string) =>
      `Sign-in with ${labels} was disconnected. You can connect it again on your account page.`,
    otherWays: (labels: string) =>
      `You can still sign in with ${labels}. If you do not recognise that, disconnect it on your account page.`,
    advice: 'If that was not you, another person may be in your account. Act now:',
    help: 'Get your account back',
  },
});
