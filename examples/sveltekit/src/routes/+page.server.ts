import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals }) => ({ username: locals.auth?.user.username ?? null });
