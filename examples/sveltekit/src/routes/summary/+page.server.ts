import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ fetch }) => {
  const list: unknown = await (await fetch('/api/notes')).json();
  return { count: Array.isArray(list) ? list.length : 0 };
};
