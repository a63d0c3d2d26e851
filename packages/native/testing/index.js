/**
 * @dsm/native/testing: what the tests of every addon need and no user does: programs run in real
 * processes, on other Nodes, under sanitizers, and a list of what they left behind.
 * Not the conformance suite, which is about the contract and not about memory.
 */
export { FOREIGN_FILES } from './foreign-files.js'
export { leftovers, newNonce, testDirectory } from './leftovers.js'
export {
  compileSanitized,
  isRoot,
  nodeBinary,
  requirements,
  sanitizerEnvironment,
  whyNoOtherUser,
  whyNot,
} from './machine.js'
export { memoryTests, SCENARIOS } from './memory.js'
export {
  injecting,
  onSmallTmpfs,
  run,
  runModule,
  runOperation,
  runScenario,
  whatWentWrong,
} from './run.js'
