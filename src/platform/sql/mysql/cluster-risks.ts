import { sql } from 'kysely';
import type { Queries, Risk } from '../database.ts';

/** By variable: the values that a Galera cluster needs, and why. */
const WANTED: Readonly<Record<string, { readonly values: readonly string[]; readonly why: string }>> = {
  wsrep_certify_nonpk: { values: ['ON'], why: 'conflicts in tables without a primary key are not found' },
  wsrep_osu_method: { values: ['TOI'], why: 'a schema change is made on one node only' },
  binlog_format: { values: ['ROW'], why: 'nodes may come to different rows' },
  innodb_autoinc_lock_mode: { values: ['2'], why: 'insertions of two nodes wait for each other' },
};

/** The variables of a Galera cluster that are not as they should be; none on a single server. */
export async function findClusterRisks<Tables>(queries: Queries<Tables>): Promise<readonly Risk[]> {
  const read = async (statement: ReturnType<typeof sql<Variable>>) => {
    const { rows } = await statement.execute(queries);
    return new Map(rows.map(({ Variable_name, Value }) => [Variable_name.toLowerCase(), Value]));
  };
  const names = sql.join(['wsrep_on', ...Object.keys(WANTED)].map((name) => sql.lit(name)));
  const variables = await read(sql<Variable>`show variables where variable_name in (${names})`);
  if (variables.get('wsrep_on') !== 'ON') return [];
  const risks = Object.entries(WANTED).flatMap(([name, { values, why }]) => {
    const value = variables.get(name);
    if (value === undefined || values.includes(value)) return [];
    return [
      { what: `${name} is ${value}: ${why}`, fix: `set ${name} = ${values.join(' or ')} on every node` },
    ];
  });
  const status = await read(sql<Variable>`show status like 'wsrep_cluster_size'`);
  const size = Number(status.get('wsrep_cluster_size'));
  if (size >= 3) return risks;
  const what = `the Galera cluster has ${size} nodes at present, so losing one stops it`;
  return [...risks, { what, fix: 'run three nodes or more, or two and the arbitrator garbd' }];
}

type Variable = { readonly Variable_name: string; readonly Value: string };
