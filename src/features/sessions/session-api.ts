import type { Core } from '../../auth/core.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { authenticationOf } from './authentication.ts';

/** GET /api/session: the signed-in user, for API clients. Times are ISO 8601 in UTC; `roles` is there if there are any. */
export function showSession({ answers }: Core) {
  return ({ signedIn: { user, session } }: SignedInContext) => {
    const { aal, methods, at, secondFactorAt } = authenticationOf(session);
    return answers.json({
      user: { id: user.id, username: user.username, email: user.email, emailVerified: user.emailVerified },
      session: {
        id: session.id,
        createdAt: isoTime(session.createdAt),
        expiresAt: isoTime(session.expiresAt),
        aal,
        secondFactor: session.secondFactor?.kind ?? null,
        authentication: { methods, at: isoTime(at), secondFactorAt: isoTime(secondFactorAt) },
        ...(session.roles.length > 0 && { roles: session.roles }),
      },
    });
  };
}
