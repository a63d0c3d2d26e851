/** Another process that a contender needs: it plays the role that its command line names. */
import { creator, idle, locker } from './roles/members.js'
import { copier, sharer } from './roles/readers.js'
import type { Casting } from './roles/role.js'
import { holder, owner } from './roles/victims.js'
import { waiter } from './roles/waiter.js'

const ROLES: Readonly<Record<string, Casting>> = {
  idle,
  creator,
  locker,
  owner,
  holder,
  sharer,
  copier,
  waiter,
}

const [name = '', ...words] = process.argv.slice(2)
const casting = ROLES[name]
if (casting === undefined) throw new Error(`there is no role "${name}"`)
const role = casting(...words)

process.on('message', message => {
  process.send?.(role.answer(message))
})
process.on('disconnect', () => {
  role.close()
  process.exit(0)
})
process.send?.('ready')
