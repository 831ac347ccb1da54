import { defineWords } from '../words/index.ts';

export const mailWords = defineWords({
  greeting: (name: string | null) => (name === null ? 'Hello,' : `Hello ${name},`),
  /** Before the address of a button, in full. */
  orOpen: 'Or open this address:',
  worksOnce: (expires: string) => `It works once, until ${expires}.`,
  when: 'When',
  where: 'From',
  place: (place: string) => `about ${place}`,
  address: (address: string) => `address ${address}`,
  sentBy: (siteName: string) => `${siteName} sent this by itself, so answers are not read.`,
  test: {
    subject: (siteName: string) => `A test of the mail of ${siteName}`,
    lead: (siteName: string) =>
      `The operator of ${siteName} sent this mail to test whether mail arrives, and it does. This is how its mails look.`,
    open: (siteName: string) => `Open ${siteName}`,
  },
});

export const eventWords = defineWords({
  mailSent: 'Mail sent',
  mailDelayed: 'Mail has to wait for the mail server',
  mailFailed: 'Mail could not be delivered',
});
