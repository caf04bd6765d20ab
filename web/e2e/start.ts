import { demo } from './demo';
import { PASSWORD } from './people';

/** One demo for all tests, with an operator of each role. */
export default async function start(): Promise<() => Promise<void>> {
  const binary = process.env['WEIR_BIN'];
  if (binary === undefined) throw new Error('which binary? Run `make e2e`, or set WEIR_BIN to the path of weir');
  const running = await demo(binary);
  running.operator('vera', PASSWORD, '--role', 'viewer');
  running.operator('oskar', PASSWORD, '--role', 'operator');
  running.operator('admina', PASSWORD, '--role', 'admin');
  running.operator('dora', PASSWORD, '--role', 'developer', '--user', 'ana.lopez');
  running.operator('tina', PASSWORD, '--role', 'team', '--team', 'sap');
  process.env['WEIR_E2E_URL'] = running.url;
  process.env['WEIR_E2E_PASSWORD'] = running.password;
  return running.stop;
}
