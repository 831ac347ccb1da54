import { headers } from 'next/headers';
import { admit } from '../../auth';

/** A page that the server renders from its own API. */
export default async function Summary() {
  await admit({ next: '/summary' });
  const cookie = (await headers()).get('cookie') ?? '';
  const api = await fetch(`http://localhost:${process.env.PORT ?? 3000}/api/notes`, { headers: { cookie } });
  const list: unknown = await api.json();
  return <p>{`Notes: ${Array.isArray(list) ? list.length : 0}`}</p>;
}
