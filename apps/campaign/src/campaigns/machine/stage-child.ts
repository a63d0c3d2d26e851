/** The program of the campaign `machine`: plays one scene, in the namespaces that it asks for. */
import { childOptions } from '../../child.js'
import { scenes } from './scenes.js'
import { Stage, type StageOptions } from './stage.js'

const options = childOptions<StageOptions>()
const stage = new Stage(options)
try {
  const scene = scenes.find(({ name }) => name === options.scene)
  if (scene === undefined) throw new Error(`there is no scene "${options.scene}"`)
  await scene.play(stage)
} catch (error) {
  stage.problems.push(String((error as Error).stack))
}
await stage.end()
process.send?.(stage.problems, () => process.exit(0))
