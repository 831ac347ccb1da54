import { createTestLatchkey, type TestOptions } from '../../src/testing/index.ts';
import { createVisitor, type HeaderFields, type Visitor } from './visitor.ts';

const ORIGIN = 'http://localhost:3000';

/** Latchkey as an application embeds it, in memory; `await using` ends it. */
export function createApplication(options: TestOptions = {}) {
  const auth = createTestLatchkey(options);
  const visitor = () => createVisitor((request) => auth.latchkey.fetch(request, 'unknown'), ORIGIN);
  /** A request of a browser to a route of the application. */
  const request = ({ cookies }: Visitor, path: string, method = 'GET', headers: HeaderFields = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return new Request(`${ORIGIN}${path}`, { method, headers: { cookie, ...headers } });
  };
  return { ...auth, visitor, request };
}
