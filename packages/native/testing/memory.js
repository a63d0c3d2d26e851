/**
 * The memory tests of an addon, for an injected runner: every scenario on this Node, those that
 * once crashed on the other Node lines, all of them with both sanitizers at once, in short form.
 * `DSM_SANITIZE=full` makes the short form long, with one sanitizer after the other.
 */
import assert from 'node:assert/strict'
import { leftovers } from './leftovers.js'
import { compileSanitized, nodeBinary, requirements, sanitizerEnvironment } from './machine.js'
import { runScenario, whatWentWrong } from './run.js'

const SENTENCES = Object.freeze({
  hotLoops: 'optimised loops over every kind of view survive a detach in their midst',
  poolWork: 'a pool thread that fills a buffer survives its detach',
  compression: 'compression in flight at a detach does not fault',
  transferred: 'memory of a buffer moved by transfer() lives as long as its new owner',
  collected: 'mappings that nobody detached are unmapped by the collector',
  cycles: 'a thousand cycles leave no descriptor and no mapping',
  workerEnds: 'a worker that ends while it allocates leaves no name and no mapping',
  aborted: 'an aborted createAsync removes what it made',
})
export const SCENARIOS = Object.freeze(Object.keys(SENTENCES))

const NODE_LINES = [20, 22, 24, 26]
const ON_EACH_NODE = ['hotLoops', 'poolWork', 'compression', 'transferred', 'workerEnds']
const SHORT = { hotLoops: 2000, poolWork: 1, cycles: 60, workerEnds: 16 << 20 }
const canTransfer = typeof ArrayBuffer.prototype.transfer === 'function'

async function runAll(scenarios, options, parameters = {}) {
  for (const scenario of scenarios) {
    const ended = await runScenario({ ...options, scenario, parameter: parameters[scenario] })
    assert.equal(whatWentWrong(scenario, ended), null)
    const addon = /"addon":"([^"]+)"/.exec(ended.stdout)?.[1]
    if (addon !== undefined) assert.ok(addon.includes(options.tree ?? '/build/Release/'), addon)
  }
}

function onOtherNodes(test, packageDir, factory) {
  for (const major of NODE_LINES) {
    if (process.versions.node.startsWith(`${major}.`)) continue
    const node = nodeBinary(major)
    const name = `Node ${major}: nothing that once crashed does`
    const body = () => runAll(ON_EACH_NODE, { packageDir, factory, node }, SHORT)
    if (node === null) test.skip(`${name} (skipped: node@${major} could not be had)`, body)
    else test(name, body)
  }
}

function underSanitizers(test, packageDir, factory) {
  const full = process.env.DSM_SANITIZE === 'full'
  for (const kind of full ? ['address', 'undefined'] : ['all']) {
    const env = sanitizerEnvironment(kind, packageDir)
    const name = `every scenario runs clean under sanitizers (${kind})`
    const body = async () => {
      compileSanitized(kind, packageDir)
      const options = { packageDir, factory, env, tree: `/build/${kind}/` }
      await runAll(SCENARIOS, options, full ? {} : SHORT)
    }
    if (env === null) test.skip(`${name} (skipped: this compiler has no shared libraries)`, body)
    else test(name, body)
  }
}

export function memoryTests(test, { packageDir, factory }) {
  for (const scenario of SCENARIOS) {
    const body = () => runAll([scenario], { packageDir, factory })
    if (scenario === 'transferred' && !canTransfer) {
      test.skip(`${SENTENCES[scenario]} (skipped: this Node has no transfer())`, body)
    } else test(SENTENCES[scenario], body)
  }
  onOtherNodes(test, packageDir, factory)
  underSanitizers(test, packageDir, factory)
  const needs = requirements(packageDir)
  const name = 'the binary asks for no newer glibc than Node does, and is never unloaded'
  const body = () => {
    assert.ok(needs.glibcMinor <= 28, `GLIBC_2.${needs.glibcMinor}`)
    assert.equal(needs.staysLoaded, true)
  }
  if (needs === null) test.skip(`${name} (skipped: objdump is not installed)`, body)
  else test(name, body)
  test('none of this leaves anything in the system', async () =>
    assert.deepEqual(await leftovers(), []))
}
