export { deploymentSettings } from './definitions.ts';
export {
  type Deployment,
  deploymentFaults,
  isMailPossible,
  poolLimitsFrom,
  resolveDeployment,
  resolveOrigin,
  smtpServerFrom,
} from './resolve.ts';
