import type { Core } from '../../auth/core.ts';
import type { SignedInContext } from '../../auth/request-context.ts';
import { isoTime } from '../../platform/runtime/index.ts';

/** GET /api/session: the signed-in user, for API clients. Times are ISO 8601 in UTC; `roles` is there if there are any. */
export function showSession({ answers }: Core) {
  return ({ signedIn: { user, session } }: SignedInContext) =>
    answers.json({
      user: { id: user.id, username: user.username, email: user.email, emailVerified: user.emailVerified },
      session: {
        id: session.id,
        createdAt: isoTime(session.createdAt),
        expiresAt: isoTime(session.expiresAt),
        aal: session.secondFactor === null ? 1 : 2,
        secondFactor: session.secondFactor?.kind ?? null,
        ...(session.roles.length > 0 && { roles: session.roles }),
      },
    });
}
