export { deploymentSettings } from './definitions.ts';
export {
  type Deployment,
  databaseOptionsFrom,
  deploymentFaults,
  isMailPossible,
  resolveDeployment,
  resolveOrigin,
  smtpServerFrom,
} from './resolve.ts';
