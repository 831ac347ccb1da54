import { z } from 'zod';
import { duration, givenAs, refuse, setting } from '../../platform/settings/index.ts';

const [MINIMUM, MAXIMUM] = ['1d', '60d'];
const delay = duration({ minimum: MINIMUM, maximum: MAXIMUM });

/** Null for `off`. */
const delayOrOff: z.ZodType<number | null, string> = z.string().transform((text, context) => {
  if (text.trim() === 'off') return null;
  const read = delay.safeParse(text);
  const wanted = `give \`off\`, or a whole number and a unit (s, m, h, d), from ${MINIMUM} to ${MAXIMUM}`;
  return read.success ? read.data : refuse(context, `is not fitting; ${wanted}`);
});

export const recoverySettings = {
  mfaRecoveryDelay: setting({
    name: 'MFA_RECOVERY_DELAY',
    meaning:
      'How long users who have lost their second factor and the recovery codes wait until the password alone lets them in, such as `7d`. Until then every address and every signed-in device is notified, and each can stop it. `off`: only the operator helps, or the password and a connected provider together.',
    fallback: 'off',
    schema: givenAs('duration', delayOrOff),
  }),
};
