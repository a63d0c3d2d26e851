/**
 * A reporter that names each test that was not run for want of something the machine lacks. Such a
 * test says so itself: "… — needs root" in its name, or `context.skip('needs strace')`. What is
 * skipped because it does not apply (a mechanism without the ability) is not named.
 * Whether this is a failure is for who started the run: see .ci/run.
 */
const NEEDS = /(?:^| — )(needs .*)$/

export class NotRun {
  onTestRunEnd(modules) {
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const reason = NEEDS.exec(test.result().note ?? '') ?? NEEDS.exec(test.fullName)
        if (reason === null) continue
        const name = test.fullName.replace(NEEDS, '')
        console.log(`not run: ${name} (${module.relativeModuleId}): ${reason[1]}`)
      }
    }
  }
}
