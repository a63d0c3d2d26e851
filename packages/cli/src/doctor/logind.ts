/**
 * RemoveIPC of systemd-logind: at the end of a user's last session it removes that user's objects
 * in /dev/shm and System V segments, used or not. Users of the system (below 1000) are spared, and
 * those that linger.
 */
import { type Finding, finding, ok } from './finding.js'
import type { System } from './system.js'

const SYSTEM_UID_MAX = 999
const MAIN = [
  '/usr/lib/systemd/logind.conf',
  '/run/systemd/logind.conf',
  '/etc/systemd/logind.conf',
]
const DROP_INS = ['/usr/lib', '/usr/local/lib', '/run', '/etc'].map(
  root => `${root}/systemd/logind.conf.d`,
)

const MEND =
  'Put [Login] and RemoveIPC=no into /etc/systemd/logind.conf.d/dsm.conf and restart ' +
  'systemd-logind; or: loginctl enable-linger; or run the program as a system user'

export function checkRemoveIpc(system: System, userName: string): Finding {
  // Where it has run since the boot, it keeps a list of seats.
  if (!system.list('/run/systemd').includes('seats')) {
    return ok('remove-ipc', 'systemd-logind does not run here: no RemoveIPC')
  }
  if (!removes(system)) return ok('remove-ipc', 'systemd-logind is set to RemoveIPC=no')
  if (system.uid >= 0 && system.uid <= SYSTEM_UID_MAX) {
    return ok('remove-ipc', `RemoveIPC of systemd-logind spares system users (uid ${system.uid})`)
  }
  if (system.list('/var/lib/systemd/linger').includes(userName)) {
    return ok('remove-ipc', `RemoveIPC of systemd-logind spares ${userName}, who lingers`)
  }
  const says =
    'systemd-logind removes shared memory of this user when the last session ends (RemoveIPC=yes)'
  return finding('remove-ipc', 'warning', says, MEND)
}

/** The last word counts: main files in order, then drop-ins by name. The default is yes. */
function removes(system: System): boolean {
  const main = MAIN.filter(path => system.read(path) !== null).slice(-1)
  const dropIns = DROP_INS.flatMap(dir =>
    system.list(dir).map(name => ({ name, path: `${dir}/${name}` })),
  )
    .filter(({ name }) => name.endsWith('.conf'))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  let value = 'yes'
  for (const path of [...main, ...dropIns.map(each => each.path)]) {
    for (const [, found] of (system.read(path) ?? '').matchAll(/^\s*RemoveIPC\s*=\s*(\S*)/gim)) {
      value = found || 'yes'
    }
  }
  return !/^(no|false|off|0|n|f)$/i.test(value)
}
