import { defineWords } from '../words/index.ts';

export const throttleWords = defineWords({
  title: 'Too many attempts',
  wait: (seconds: number) =>
    seconds < 90
      ? `Too many attempts. Please try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
      : `Too many attempts. Please try again in ${Math.ceil(seconds / 60)} minutes.`,
  /** What the browser shows while it works, afterwards, and if it fails. */
  proof: {
    working: 'Your browser is doing a short calculation, so that you need not wait. You have nothing to do.',
    done: 'Done. You can try again now.',
    failed: 'Your browser could not do it. Please wait for the time above.',
  },
});

export const eventWords = defineWords({ throttled: 'Further attempts had to wait' });
