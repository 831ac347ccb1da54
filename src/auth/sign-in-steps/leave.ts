import type { SignInMethod, SignInRules } from './sign-in-step.ts';

export type Leave = NonNullable<SignInMethod['leave']>;

export function createLeave(rules: () => SignInRules): Leave {
  return async (context, session) => {
    const method = rules().methods.find(({ name }) => name === session.method);
    return (await method?.leave?.(context, session)) ?? null;
  };
}
